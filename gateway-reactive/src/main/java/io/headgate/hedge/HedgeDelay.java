package io.headgate.hedge;

import java.time.Duration;

/**
 * How long to wait for an attempt before another one is made beside it.
 *
 * @param percentile of the latencies of late, 0 to 100: 95 makes another attempt for about one request of twenty
 * @param min the shortest wait
 * @param max the longest wait, also while too few latencies are known
 */
public record HedgeDelay(double percentile, Duration min, Duration max) {

    /** The 95th percentile, between 5 ms and one second. */
    public static final HedgeDelay DEFAULTS = percentile(95, Duration.ofMillis(5), Duration.ofSeconds(1));

    /** Checks the parts. */
    public HedgeDelay {
        if (!(percentile >= 0 && percentile <= 100)) {
            throw new IllegalArgumentException("percentile: " + percentile + " (expected: 0..100)");
        }
        if (min.isNegative()) {
            throw new IllegalArgumentException("min: " + min + " (expected: zero or more)");
        }
        if (max.compareTo(min) < 0 || max.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("max: " + max + " (expected: " + min + " to one minute)");
        }
    }

    /**
     * Always the same.
     *
     * @param delay how long
     * @return the delay
     */
    public static HedgeDelay fixed(Duration delay) {
        return new HedgeDelay(100, delay, delay);
    }

    /**
     * From the latencies of the last half minute.
     *
     * @param percentile 0 to 100
     * @param min the shortest wait
     * @param max the longest wait
     * @return the delay
     */
    public static HedgeDelay percentile(double percentile, Duration min, Duration max) {
        return new HedgeDelay(percentile, min, max);
    }

    boolean isFixed() {
        return min.equals(max);
    }
}
