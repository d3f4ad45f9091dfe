package io.headgate.concurrency;

import io.headgate.limit.internal.KeyTable;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The engine: so many permits, and a bounded queue, first come first served, of those who wait for one. Who finds a
 * permit and no queue takes it by one compare-and-set. The limit may change at any time; when it falls below what is
 * taken, permits that come back are kept until it holds again.
 *
 * <p>Nobody is forgotten: who queues looks for a permit after it has queued, and who gives one back looks for a queue
 * after it has given back, so one of the two sees the other. Granting is done by one thread at a time; what others
 * bring in the meantime it does for them, so that a grant which gives its permit back at once does not nest.
 */
final class Permits implements KeyTable.Entry {

    /** What became of the wish for a permit. */
    enum Answer {
        GRANTED,
        QUEUED,
        REFUSED,
        /** The waiter left before it was in the queue. */
        LEFT,
        /** The permits were forgotten by the table that they were in. */
        RETIRED
    }

    private static final long ONE_WAITING = 1L << Integer.SIZE;
    private static final long GONE = -1;

    /** So many left places are kept before somebody takes them out of the queue. */
    private static final int MOST_LEFT = 64;

    private final int mostWaiting;
    private final AtomicLong state = new AtomicLong(); // above: who wait; below: permits taken
    private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger left = new AtomicInteger(); // places in the queue whose waiter has gone
    private final AtomicInteger granting = new AtomicInteger();
    private volatile int limit;

    Permits(int limit, int mostWaiting) {
        this.limit = limit;
        this.mostWaiting = mostWaiting;
    }

    // ---- taking

    /** Takes a permit if one is free and nobody waits for it. */
    Answer tryTake() {
        return tryTake(limit);
    }

    /** Takes a permit if fewer than some number are taken, which may be less than the limit, or more. */
    Answer tryTake(int most) {
        while (true) {
            long now = state.get();
            if (now == GONE) {
                return Answer.RETIRED;
            }
            if (now >= ONE_WAITING || (int) now >= most) {
                return Answer.REFUSED;
            }
            if (state.compareAndSet(now, now + 1)) {
                return Answer.GRANTED;
            }
        }
    }

    /** Waits for a permit if there is a place in the queue; it may be granted before this returns. */
    Answer queue(Waiter waiter) {
        while (true) {
            long now = state.get();
            if (now == GONE) {
                return Answer.RETIRED;
            }
            if (waiting(now) >= mostWaiting) {
                return Answer.REFUSED;
            }
            if (state.compareAndSet(now, now + ONE_WAITING)) {
                break;
            }
        }
        waiter.home = this;
        if (!waiter.enter()) {
            state.addAndGet(-ONE_WAITING);
            return Answer.LEFT;
        }
        queue.offer(waiter);
        grant();
        return Answer.QUEUED;
    }

    /** A waiter has left this queue. */
    private void hasLeft() {
        long now = state.addAndGet(-ONE_WAITING);
        int gone = left.incrementAndGet();
        if (gone > MOST_LEFT && gone > waiting(now) && left.compareAndSet(gone, 0)) {
            queue.removeIf(Waiter::hasLeft);
        }
    }

    // ---- giving back

    /** Gives one permit back. */
    void release() {
        if (state.decrementAndGet() >= ONE_WAITING) {
            grant();
        }
    }

    /** Changes the limit; more permits go to those who wait. */
    void limit(int changed) {
        limit = changed;
        if (state.get() >= ONE_WAITING) {
            grant();
        }
    }

    private void grant() {
        if (granting.getAndIncrement() != 0) {
            return;
        }
        int asked = 1;
        do {
            for (Waiter next = next(); next != null; next = next()) {
                next.granted();
            }
            asked = granting.addAndGet(-asked);
        } while (asked != 0);
    }

    /** The next one to be granted, with a permit taken for it; null when there is no permit or nobody who waits. */
    private @Nullable Waiter next() {
        while (true) {
            Waiter first = queue.peek();
            if (first == null) {
                return null;
            }
            if (first.hasLeft()) {
                queue.remove(first);
                continue;
            }
            if (!takeForWaiter()) {
                return null;
            }
            if (first.win()) {
                state.addAndGet(-ONE_WAITING);
                queue.remove(first);
                return first;
            }
            state.decrementAndGet(); // it has left in this very moment
        }
    }

    private boolean takeForWaiter() {
        while (true) {
            long now = state.get();
            if (now == GONE || (int) now >= limit) {
                return false;
            }
            if (state.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    // ---- looking

    int limit() {
        return limit;
    }

    int taken() {
        long now = state.get();
        return now == GONE ? 0 : (int) now;
    }

    int waiting() {
        long now = state.get();
        return now == GONE ? 0 : waiting(now);
    }

    /** For tests: places in the queue, those of waiters who have left included. */
    int queued() {
        return queue.size();
    }

    private static int waiting(long state) {
        return (int) (state >>> Integer.SIZE);
    }

    /** Whether a call would have to wait or be refused now. */
    boolean isFull() {
        long now = state.get();
        return now >= ONE_WAITING || now != GONE && (int) now >= limit;
    }

    @Override
    public boolean retire(long now) {
        return state.get() == GONE || state.compareAndSet(0, GONE);
    }

    /** Somebody who waits. Exactly one of granting and leaving happens. */
    abstract static class Waiter {

        private static final AtomicIntegerFieldUpdater<Waiter> STATE =
                AtomicIntegerFieldUpdater.newUpdater(Waiter.class, "state");
        private static final int NEW = 0;
        private static final int WAITS = 1;
        private static final int WON = 2;
        private static final int LEFT = 3;

        private volatile int state = NEW;
        private @Nullable Permits home; // written before it waits, read after it has won or left

        /**
         * The permit is there. Must not throw; what takes long belongs elsewhere, because others are granted after
         * this.
         */
        abstract void granted();

        final boolean isWaiting() {
            return state == WAITS;
        }

        /** Where the permit of one who was granted goes back to. */
        final Permits home() {
            return Objects.requireNonNull(home, "home");
        }

        /**
         * Leaves the queue, or will not enter it.
         *
         * @return whether it was in a queue: false when it has its permit already, has left, or has not come yet
         */
        final boolean leave() {
            boolean left = STATE.compareAndSet(this, WAITS, LEFT);
            if (!left && !STATE.compareAndSet(this, NEW, LEFT)) {
                left = STATE.compareAndSet(this, WAITS, LEFT); // it may have entered between the looks
            }
            if (left) {
                home().hasLeft();
            }
            return left;
        }

        private boolean enter() {
            return STATE.compareAndSet(this, NEW, WAITS);
        }

        private boolean win() {
            return STATE.compareAndSet(this, WAITS, WON);
        }

        private boolean hasLeft() {
            return state == LEFT;
        }
    }
}
