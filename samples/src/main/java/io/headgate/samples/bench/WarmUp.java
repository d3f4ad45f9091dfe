package io.headgate.samples.bench;

import java.time.Duration;

/**
 * When a workload is warm: not after a fixed time, but once the compilers of its processes rest. A turn that is taken before shows
 * how far they are, which on a busy machine is another figure each time.
 */
final class WarmUp {

    /** A wait for compilers that do not rest ends after so many times the least. */
    private static final int MOST = 10;

    private static final double RESTING = 0.1; // of the time, in both processes together

    private final long least;
    private final long calmFor;
    private long elapsed;
    private long calm;

    /**
     * Nothing has been done yet.
     *
     * @param least how long it takes at least; at most ten times as long
     * @param calmFor how long compilers must have rested
     */
    WarmUp(Duration least, Duration calmFor) {
        this.least = least.toNanos();
        this.calmFor = calmFor.toNanos();
    }

    /** Some work was done, in which compilers were busy for that long. */
    void worked(long nanos, long compilingNanos) {
        elapsed += nanos;
        calm = compilingNanos <= nanos * RESTING ? calm + nanos : 0;
    }

    boolean isOver() {
        return elapsed >= least && (calm >= calmFor || elapsed >= MOST * least);
    }
}
