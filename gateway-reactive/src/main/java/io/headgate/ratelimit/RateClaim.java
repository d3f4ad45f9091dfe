package io.headgate.ratelimit;

import java.util.Objects;

/**
 * What a request wants of one limit.
 *
 * @param limit the limit
 * @param key who wants it; one key has one capacity in each limit
 * @param cost how much, one or more
 */
public record RateClaim(RateLimit limit, String key, long cost) {

    /** Checks that nothing is missing. */
    public RateClaim {
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(key, "key");
        if (cost < 1) {
            throw new IllegalArgumentException("cost: " + cost + " (expected: at least 1)");
        }
    }
}
