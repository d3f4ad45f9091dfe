package io.headgate.mirror;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts mirrored exchanges and bounds how many there are at a time. Any thread may use it. */
final class Tally {

    /** How a mirrored exchange ended. */
    enum End {
        COMPLETED,
        FAILED,
        CUT,
        TIMED_OUT
    }

    private final int most;
    private final AtomicInteger active = new AtomicInteger();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder started = new LongAdder();
    private final LongAdder[] ends = {new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder()};

    Tally(int most) {
        this.most = most;
    }

    /** Takes a place; the one who gets it gives it back by {@link #end}. */
    boolean begin() {
        if (active.incrementAndGet() > most) {
            active.decrementAndGet();
            skipped.increment();
            return false;
        }
        started.increment();
        return true;
    }

    void end(End how) {
        ends[how.ordinal()].increment();
        active.decrementAndGet();
    }

    MirrorStats stats() {
        return new MirrorStats(
                active.get(),
                skipped.sum(),
                started.sum(),
                ends[End.COMPLETED.ordinal()].sum(),
                ends[End.FAILED.ordinal()].sum(),
                ends[End.CUT.ordinal()].sum(),
                ends[End.TIMED_OUT.ordinal()].sum());
    }
}
