package io.headgate.route;

import java.time.Duration;

/**
 * Bounds of a {@link ServiceCache}. Immutable; each {@code with} method returns a copy.
 *
 * @param idle how long a service may go without a call before it is closed; up to a quarter of it longer, because the cache
 *     looks from time to time
 * @param capacity how many services there may be
 * @param grace how long a service that was idle may take to close
 */
public record ServiceCacheSettings(Duration idle, int capacity, Duration grace) {

    /** How long a service may be idle: 90 s, longer than upstreams commonly keep idle connections. */
    public static final Duration DEFAULT_IDLE = Duration.ofSeconds(90);

    /** How many services there may be: enough for a large table, and a bound for keys that clients make up. */
    public static final int DEFAULT_CAPACITY = 10_000;

    /** How long an idle service may take to close: 5 s, for what it does on the side. */
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofDays(365);

    /** What is used unless set otherwise. */
    public static final ServiceCacheSettings DEFAULTS =
            new ServiceCacheSettings(DEFAULT_IDLE, DEFAULT_CAPACITY, DEFAULT_GRACE);

    /** Checks the bounds. */
    public ServiceCacheSettings {
        if (idle.compareTo(Duration.ofMillis(1)) < 0 || idle.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("idle: " + idle + " (expected: 1 ms to 365 days)");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: at least 1)");
        }
        if (grace.isNegative() || grace.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: 0 to 365 days)");
        }
    }

    /**
     * A copy with another time.
     *
     * @param changed how long a service may go without a call
     * @return the copy
     */
    public ServiceCacheSettings withIdle(Duration changed) {
        return new ServiceCacheSettings(changed, capacity, grace);
    }

    /**
     * A copy with another bound.
     *
     * @param changed how many services there may be
     * @return the copy
     */
    public ServiceCacheSettings withCapacity(int changed) {
        return new ServiceCacheSettings(idle, changed, grace);
    }

    /**
     * A copy with another grace.
     *
     * @param changed how long a service that was idle may take to close
     * @return the copy
     */
    public ServiceCacheSettings withGrace(Duration changed) {
        return new ServiceCacheSettings(idle, capacity, changed);
    }
}
