package io.headgate.tap;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * Where the events of an observation come out. Many threads put them in without a lock; they are taken out by one task at a time on
 * a scheduler, as the subscriber asks for them. While it asks for nothing no task is started.
 */
final class Outlet implements Subscription, Runnable, Scannable {

    private static final Logger LOG = LoggerFactory.getLogger(Outlet.class);

    private static final int OPEN = 0;
    private static final int LAST = 1; // nothing will be put in any more; completes when all is out
    private static final int OVER = 2;

    private static final AtomicIntegerFieldUpdater<Outlet> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Outlet.class, "state");
    private static final AtomicIntegerFieldUpdater<Outlet> WORK =
            AtomicIntegerFieldUpdater.newUpdater(Outlet.class, "work");
    private static final AtomicIntegerFieldUpdater<Outlet> MARKED =
            AtomicIntegerFieldUpdater.newUpdater(Outlet.class, "marked");
    private static final AtomicLongFieldUpdater<Outlet> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(Outlet.class, "requested");

    private final Scheduler scheduler;
    private final Tally tally;
    private final Runnable whenOver;
    private final Room room;
    private final Drops drops;
    private final Queue<Waiting> queue =
            Queues.<Waiting>unboundedMultiproducer().get(); // the room is the bound
    private final Waiting mark = new Mark();
    private volatile int state;
    private volatile int work; // whoever raises it from zero sees to it that the queue is looked at
    private volatile int marked;
    private volatile long requested;
    private @Nullable CoreSubscriber<? super TapEvent> actual; // for whoever works; null once over

    /**
     * An outlet.
     *
     * @param whenOver run once, when it is cancelled, has completed or has failed
     */
    Outlet(CoreSubscriber<? super TapEvent> actual, int events, Scheduler scheduler, Tally tally, Runnable whenOver) {
        this.actual = actual;
        this.room = new Room(events, Tap.MOST_WAITING_BYTES);
        this.scheduler = scheduler;
        this.tally = tally;
        this.drops = new Drops(tally);
        this.whenOver = whenOver;
    }

    boolean isOver() {
        return state == OVER;
    }

    Drops drops() {
        return drops;
    }

    // ---- what comes in, on any thread

    /** Claims room for an event that {@link #put} will bring, or {@link #unclaim} not. */
    boolean claim(int bytes) {
        return room.claim(bytes);
    }

    void unclaim(int bytes) {
        room.leave(bytes);
    }

    /** Puts in an event whose room was claimed. */
    void put(Waiting event) {
        if (!drops.areReported() && MARKED.compareAndSet(this, 0, 1)) {
            room.take(0);
            queue.offer(mark); // where something is missing
        }
        queue.offer(event);
        wake();
    }

    /** Puts in an event if there is room for it, else it is dropped. */
    void offer(Waiting event) {
        if (isOver()) {
            return;
        }
        if (room.claim(event.bytes)) {
            put(event);
        } else {
            drops.event();
            wake();
        }
    }

    /** Puts in an event for which there must be room. */
    void force(Waiting event) {
        if (!isOver()) {
            room.take(event.bytes);
            put(event);
        }
    }

    /** An exchange could not be taken, because its first event had no room. */
    void dropExchange() {
        drops.exchange();
        wake();
    }

    /** Completes when all that is in has come out. */
    void complete() {
        if (STATE.compareAndSet(this, OPEN, LAST)) {
            wake();
        }
    }

    // ---- the subscriber's side

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            wake();
        }
    }

    @Override
    public void cancel() {
        if (close()) {
            wake();
        }
    }

    private boolean close() {
        if (STATE.getAndSet(this, OVER) == OVER) {
            return false;
        }
        whenOver.run();
        return true;
    }

    private void wake() {
        int now = state;
        if (requested == 0 && now == OPEN || WORK.getAndIncrement(this) != 0) {
            return;
        }
        if (now == OVER) {
            run(); // only to throw away what came in meanwhile
            return;
        }
        try {
            scheduler.schedule(this);
        } catch (RejectedExecutionException e) {
            fail(e);
            run();
        }
    }

    // ---- what comes out, by one at a time

    /** Delivers as much as is there and asked for. */
    @Override
    public void run() {
        int missed = 1;
        do {
            deliver();
            missed = WORK.addAndGet(this, -missed);
        } while (missed != 0);
    }

    private void deliver() {
        long asked = requested;
        long told = 0;
        boolean more = true;
        while (more && state != OVER) {
            boolean isLast = state == LAST; // before the look into the queue
            TapEvent next = told == asked ? null : next();
            if (next != null) {
                tell(next);
                told++;
            } else {
                more = false;
                if (isLast && queue.isEmpty() && drops.areReported()) {
                    end();
                }
            }
        }
        tally.events.add(told);
        Operators.produced(REQUESTED, this, told);
        if (state == OVER) {
            actual = null;
            queue.clear();
        }
    }

    private @Nullable TapEvent next() {
        for (Waiting first = queue.poll(); first != null; first = queue.poll()) {
            room.leave(first.bytes);
            TapEvent event = first.event();
            if (event != null) {
                return event;
            }
        }
        return drops.report();
    }

    private void tell(TapEvent event) {
        try {
            Objects.requireNonNull(actual).onNext(event);
        } catch (Throwable e) {
            close();
            LOG.warn("observer of a tap failed and gets no more", e);
            Exceptions.throwIfJvmFatal(e);
        }
    }

    private void end() {
        CoreSubscriber<? super TapEvent> told = actual;
        if (close() && told != null) {
            told.onComplete();
        }
    }

    private void fail(Throwable cause) {
        CoreSubscriber<? super TapEvent> told = actual;
        if (close() && told != null) {
            told.onError(cause);
        }
    }

    /** Tells of drops in their place, when others wait behind. */
    private final class Mark extends Waiting {

        Mark() {
            super(0);
        }

        @Override
        @Nullable TapEvent event() {
            marked = 0;
            return drops.report();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.CANCELLED) {
            return state == OVER;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
