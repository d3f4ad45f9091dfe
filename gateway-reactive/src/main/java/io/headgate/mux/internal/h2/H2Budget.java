package io.headgate.mux.internal.h2;

import io.headgate.mux.H2Limits;
import io.headgate.mux.Limit;
import java.util.concurrent.TimeUnit;

/**
 * What one HTTP/2 peer has done and may still do; see {@link H2Limits} for the rules. Counting is an addition and a
 * comparison: the clock is only read where a count is about to be too high, and by the coarse timer.
 */
final class H2Budget {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int NO_BOUND = Integer.MAX_VALUE;

    /** What can be earned at most: two frames for each DATA frame of the largest window that is usual. */
    private static final int MOST_EARNED = 1 << 16;

    /** Late frames that are on the way when a stream is reset, if all of its window is in small ones. */
    private static final int LATE_FRAMES = 1024;

    final H2Meter resets;
    final H2Meter earlyResets;
    final H2Meter errors;
    final H2Meter pings;
    final H2Meter settings;
    final H2Meter emptyData;
    final H2Meter windowUpdates;
    final H2Meter glitches;
    private final H2Meter[] all;
    private int earned;
    private int late;
    private long windowStart = System.nanoTime();

    H2Budget(H2Limits limits) {
        resets = new H2Meter(Limit.RESETS, limits.resetsPerSecond(), limits.resets());
        earlyResets = new H2Meter(Limit.EARLY_RESETS, NO_BOUND, limits.earlyResets());
        errors = new H2Meter(Limit.ERRORS, NO_BOUND, limits.errors());
        pings = new H2Meter(Limit.PINGS, limits.pingsPerSecond(), limits.pings());
        settings = new H2Meter(Limit.SETTINGS, limits.settingsPerSecond(), limits.settings());
        emptyData = new H2Meter(Limit.EMPTY_DATA, limits.emptyDataPerSecond(), NO_BOUND);
        windowUpdates = new H2Meter(Limit.WINDOW_UPDATES, limits.windowUpdatesPerSecond(), NO_BOUND);
        glitches = new H2Meter(Limit.GLITCHES, limits.glitchesPerSecond(), NO_BOUND);
        all = new H2Meter[] {resets, earlyResets, errors, pings, settings, emptyData, windowUpdates, glitches};
    }

    /** Counts one; tells whether it is too many. */
    boolean exceeds(H2Meter meter) {
        if (!meter.add()) {
            return false;
        }
        age(System.nanoTime());
        return meter.isOver();
    }

    /** Counts one that work may have paid for. */
    boolean exceedsEarned(H2Meter meter) {
        if (earned > 0) {
            earned--;
            return false;
        }
        return exceeds(meter);
    }

    /** Work was done for the peer that frames of it go with. */
    void earn() {
        if (earned < MOST_EARNED) {
            earned += 2;
        }
    }

    /** A stream was reset by this side: what is on the way for it is nobody's fault. */
    void expectLate() {
        if (late < MOST_EARNED) {
            late += LATE_FRAMES;
        }
    }

    /** Counts a frame for a stream that this side has reset. */
    boolean exceedsLate() {
        if (late > 0) {
            late--;
            return false;
        }
        return exceeds(glitches);
    }

    /** An exchange was completed. */
    void served() {
        resets.forgive();
        earlyResets.forgive();
        errors.forgive();
        pings.forgive();
        settings.forgive();
    }

    /** Halves the counts for each second that has passed. */
    void age(long now) {
        long seconds = (now - windowStart) / SECOND;
        if (seconds > 0) {
            windowStart += seconds * SECOND;
            for (H2Meter meter : all) {
                meter.age(seconds);
            }
        }
    }
}
