package io.headgate.retry;

import java.time.Duration;
import java.util.Objects;

/**
 * How many retries are allowed, in proportion to the calls that were made: the retries of a time span are at most
 * {@code ratio} times its calls and {@code minPerSecond} each second.
 *
 * @param ratio retries for each call, 0 to 1000; 0.2 allows one retry for five calls
 * @param minPerSecond retries that are always allowed, 0 or more, so that a service with few calls is retried at all
 * @param ttl the time span that is looked at, 1 to 60 seconds
 */
public record BudgetSettings(double ratio, int minPerSecond, Duration ttl) {

    // before the constant below, whose making looks at them
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** One retry for five calls, and ten each second, looked at over ten seconds. */
    public static final BudgetSettings DEFAULTS = new BudgetSettings(0.2, 10, Duration.ofSeconds(10));

    /** Checks the parts. */
    public BudgetSettings {
        Objects.requireNonNull(ttl, "ttl");
        if (!(ratio >= 0 && ratio <= 1000)) {
            throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0..1000)");
        }
        if (minPerSecond < 0) {
            throw new IllegalArgumentException("minPerSecond: " + minPerSecond + " (expected: 0 or more)");
        }
        if (ttl.compareTo(SHORTEST) < 0 || ttl.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("ttl: " + ttl + " (expected: 1..60 seconds)");
        }
    }
}
