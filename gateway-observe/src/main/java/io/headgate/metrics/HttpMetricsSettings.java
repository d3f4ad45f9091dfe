package io.headgate.metrics;

import java.time.Duration;
import java.util.Objects;

/**
 * How much {@link HttpMetrics} keep, and for how long. Immutable; each {@code with} method returns a copy.
 *
 * @param targets how many targets of each kind ({@link HttpTarget}) have series of their own
 * @param series how many series a target has at most, a histogram counting as one
 * @param verdicts how many different classifications are told apart, 3 to 1,024
 * @param idle how long the series of a target that nobody holds any more are kept after their last use
 */
public record HttpMetricsSettings(int targets, int series, int verdicts, Duration idle) {

    /** 1,000 targets of each kind, 200 series each, 64 classifications, 10 minutes. */
    public static final HttpMetricsSettings DEFAULTS = new HttpMetricsSettings(1_000, 200, 64, Duration.ofMinutes(10));

    /** Checks the parts. */
    public HttpMetricsSettings {
        check("targets", targets, 1, 1_000_000);
        check("series", series, 1, 100_000);
        check("verdicts", verdicts, 3, 1_024);
        Objects.requireNonNull(idle, "idle");
        if (idle.compareTo(Duration.ofMillis(1)) < 0 || idle.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException("idle: " + idle + " (expected: PT0.001S..PT8760H)");
        }
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /**
     * A copy with another number of targets.
     *
     * @param changed 1 to 1,000,000
     * @return the copy
     */
    public HttpMetricsSettings withTargets(int changed) {
        return new HttpMetricsSettings(changed, series, verdicts, idle);
    }

    /**
     * A copy with another number of series for each target.
     *
     * @param changed 1 to 100,000
     * @return the copy
     */
    public HttpMetricsSettings withSeries(int changed) {
        return new HttpMetricsSettings(targets, changed, verdicts, idle);
    }

    /**
     * A copy with another number of classifications.
     *
     * @param changed 3 to 1,024
     * @return the copy
     */
    public HttpMetricsSettings withVerdicts(int changed) {
        return new HttpMetricsSettings(targets, series, changed, idle);
    }

    /**
     * A copy that keeps series for another time.
     *
     * @param changed 1 ms or more
     * @return the copy
     */
    public HttpMetricsSettings withIdle(Duration changed) {
        return new HttpMetricsSettings(targets, series, verdicts, changed);
    }
}
