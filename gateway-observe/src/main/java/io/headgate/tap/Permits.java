package io.headgate.tap;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** How many exchanges an observation takes: each number below a limit is given out once, in order, without waiting. */
final class Permits {

    /** There is no permit left. */
    static final long NONE = -1;

    private static final AtomicLongFieldUpdater<Permits> TAKEN =
            AtomicLongFieldUpdater.newUpdater(Permits.class, "taken");
    private static final AtomicLongFieldUpdater<Permits> ENDED =
            AtomicLongFieldUpdater.newUpdater(Permits.class, "ended");

    private final long limit;
    private volatile long taken;
    private volatile long ended;

    Permits(long limit) {
        this.limit = limit;
    }

    /** The next number, or {@link #NONE}. */
    long take() {
        long next = taken;
        while (next < limit && !TAKEN.compareAndSet(this, next, next + 1)) {
            next = taken;
        }
        return next < limit ? next : NONE;
    }

    boolean isLast(long number) {
        return number == limit - 1;
    }

    boolean areUsedUp() {
        return taken >= limit;
    }

    /** What was taken with one of the numbers has ended; true when it was the last one of all that there are. */
    boolean end() {
        return ENDED.incrementAndGet(this) == limit;
    }

    long taken() {
        return taken;
    }

    /** How many were taken and have not ended. */
    long open() {
        long before = ended;
        return taken - before;
    }
}
