package io.headgate.function.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An instance, from the moment at which it waits for tokens. Its phase and how many calls it has are one word that is changed by
 * compare-and-set. Calls come and go without a lock while it is live; every other change of phase is made under the lock of the
 * {@link Foreman}.
 */
final class Unit<I> implements Evictor.Evictable {

    /** Takes calls. */
    static final int LIVE = 0;

    /** Takes none any more, and ends after those that it has. */
    static final int CLOSING = 1;

    /** Is being frozen. */
    static final int PAUSING = 2;

    /** Is frozen. */
    static final int PAUSED = 3;

    /** Is being unfrozen for calls that have been promised a slot. */
    static final int RESUMING = 4;

    /** Is held for a moment by the evictor, which may let it go again. */
    static final int SEIZED = 5;

    /** Has ended, or is being stopped. */
    static final int DEAD = 6;

    /** Waits for tokens. */
    static final int CLAIM = 7;

    /** Is being started. */
    static final int STARTING = 8;

    private static final int SHIFT = 24;
    private static final int COUNT = (1 << SHIFT) - 1;

    final SlotQueue<I> queue;

    /** Whether a timer looks after it while it is idle. */
    final AtomicBoolean armed = new AtomicBoolean();

    /** That timer. */
    volatile Timers.@Nullable Task restTask;

    /** Calls that get a slot when it goes on; under the lock. */
    final List<Lease<I>> promised = new ArrayList<>();

    /** When it began to wait for tokens. */
    final long claimedAt;

    /** Whether there were none at first; under the lock. */
    boolean waited;

    /** Whether its tokens are already counted on by others; under the lock. */
    boolean announced;

    /** Tells the crew that it is not wanted any more; under the lock. */
    @Nullable Start<I> start;

    /** Why it takes no more calls; under the lock. */
    String closes = "";

    /** Whether it has not had a call. */
    volatile boolean fresh = true;

    volatile long readyAt;
    volatile long idleSince;

    private final AtomicInteger word = new AtomicInteger(CLAIM << SHIFT);
    private final AtomicInteger reports = new AtomicInteger();
    private volatile @Nullable I instance;
    private InstanceState reported = InstanceState.NONE;
    private long reportedAt;

    Unit(SlotQueue<I> queue, long now) {
        this.queue = queue;
        claimedAt = now;
        reportedAt = now;
        report();
    }

    I instance() {
        return Objects.requireNonNull(instance, "instance");
    }

    int phase() {
        return word.get() >>> SHIFT;
    }

    int calls() {
        return word.get() & COUNT;
    }

    /** Gets no call any more. */
    boolean isDead() {
        int phase = phase();
        return phase == DEAD || phase == CLOSING;
    }

    boolean isIdle() {
        return word.get() == LIVE;
    }

    /** Is ready, whether or not it has calls, and can take more when they end. */
    boolean isReady() {
        int phase = phase();
        return phase == LIVE || phase == PAUSING || phase == PAUSED || phase == RESUMING || phase == SEIZED;
    }

    /** Slots that no call has. Those that are promised count, as the calls that they are promised to still count as waiting. */
    int free() {
        return isReady() ? queue.concurrency - calls() : 0;
    }

    /** Counts one call more. Returns the phase: {@link #LIVE} when it was counted. */
    int enter() {
        int seen;
        do {
            seen = word.get();
            if (seen >>> SHIFT != LIVE) {
                return seen >>> SHIFT;
            }
        } while (!word.compareAndSet(seen, seen + 1));
        report();
        return LIVE;
    }

    /** Counts one call less, and returns what is left of the word. */
    int leave(long now) {
        idleSince = now;
        int left = word.decrementAndGet();
        report();
        return left;
    }

    static boolean isLive(int word) {
        return word >>> SHIFT == LIVE;
    }

    static boolean isClosed(int word) {
        return word == CLOSING << SHIFT;
    }

    /** Leaves the reach of calls, unless it has one. Under the lock. */
    boolean becomesFromIdle(int phase) {
        if (!word.compareAndSet(LIVE, phase << SHIFT)) {
            return false;
        }
        report();
        return true;
    }

    @Override
    public boolean seize() {
        return phase() == PAUSED || becomesFromIdle(SEIZED);
    }

    @Override
    public void letGo() {
        if (phase() == SEIZED) {
            become(LIVE);
        }
    }

    @Override
    public long memoryBytes() {
        return queue.workload.memoryBytes();
    }

    @Override
    public long cpuMillis() {
        return queue.workload.cpuMillis();
    }

    /** Changes the phase, with as many calls as there are. */
    void become(int phase) {
        word.updateAndGet(seen -> phase << SHIFT | seen & COUNT);
        report();
    }

    /** Takes no more calls. False when it has none, so that there is nothing to wait for. */
    boolean closesAfterCalls(String why) {
        if (phase() != LIVE) {
            return false;
        }
        closes = why;
        become(CLOSING);
        return calls() > 0;
    }

    /** Goes on, with calls that were promised slots. */
    void resume(int calls) {
        word.set(calls);
        report();
    }

    void ready(I made, long now) {
        instance = made;
        readyAt = now;
        idleSince = now;
        become(LIVE);
    }

    /** Tells the observer the state that follows from the word; one thread at a time does, and it goes on until it is the last word. */
    private void report() {
        if (queue.foreman.observer == DispatchObserver.NONE || reports.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            InstanceState state = state();
            if (state != reported && reported != InstanceState.DONE) {
                long now = queue.foreman.timers.nanoTime();
                queue.foreman.observer.moved(queue.workload, reported, state, now - reportedAt);
                reported = state;
                reportedAt = now;
            }
            seen = reports.addAndGet(-seen);
        }
    }

    InstanceState state() {
        int seen = word.get();
        return switch (seen >>> SHIFT) {
            case CLAIM -> InstanceState.WAIT;
            case STARTING -> InstanceState.START;
            case PAUSED, RESUMING -> InstanceState.PAUSED;
            case CLOSING -> InstanceState.BUSY;
            case DEAD -> InstanceState.DONE;
            default -> (seen & COUNT) == 0 ? InstanceState.IDLE : InstanceState.BUSY;
        };
    }
}
