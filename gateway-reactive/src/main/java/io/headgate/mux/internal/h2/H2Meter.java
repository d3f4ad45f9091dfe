package io.headgate.mux.internal.h2;

import io.headgate.mux.Limit;

/** Counts one kind of thing that a peer does: within a second, and in all less what it has earned. */
final class H2Meter {

    final Limit limit;
    private final int mostRecent;
    private final int mostEver;
    private int recent;
    private int ever;

    /** A meter; {@link Integer#MAX_VALUE} for what is not bounded. */
    H2Meter(Limit limit, int mostRecent, int mostEver) {
        this.limit = limit;
        this.mostRecent = mostRecent;
        this.mostEver = mostEver;
    }

    /** Counts one; tells whether it is too many. */
    boolean add() {
        ever += ever < Integer.MAX_VALUE ? 1 : 0;
        recent += recent < Integer.MAX_VALUE ? 1 : 0;
        return isOver();
    }

    boolean isOver() {
        return recent > mostRecent || ever > mostEver;
    }

    /** Some seconds have passed. */
    void age(long seconds) {
        recent = seconds > 30 ? 0 : recent >> seconds;
    }

    /** Something good was done, which counts for at most the limit itself. */
    void forgive() {
        if (ever > -mostEver) {
            ever--;
        }
    }

    @Override
    public String toString() {
        return limit + ": " + recent + " in a second, " + ever + " in all (expected: at most " + mostRecent + ", "
                + mostEver + ")";
    }
}
