package io.headgate.ratelimit;

import java.time.Duration;
import java.util.Objects;

/**
 * So many requests in a time, and so many at once. Capacity comes back evenly, not at the end of a period: of 60 a
 * minute there is one more each second. After a rest a burst may come at once; the rate holds from then on.
 *
 * @param name for people and for clients; printable ASCII without quotes and backslashes
 * @param requests how many there may be in a period
 * @param period the time, up to 366 days
 * @param burst how many may come at once; the requests of a period unless said otherwise
 */
public record RateLimit(String name, long requests, Duration period, long burst) {

    private static final String DEFAULT_NAME = "requests";
    private static final Duration LONGEST = Duration.ofDays(366);

    /** The time for one request has to be counted in nanoseconds without a notable error. */
    private static final long SHORTEST_INTERVAL_NANOS = 1000;

    /** Checks the parts. */
    public RateLimit {
        Objects.requireNonNull(name, "name");
        if (name.isEmpty() || !name.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"' && c != '\\')) {
            throw new IllegalArgumentException(
                    "name: " + name + " (expected: printable ASCII without quotes and backslashes)");
        }
        if (period.isNegative() || period.isZero() || period.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("period: " + period + " (expected: more than nothing, up to 366 days)");
        }
        atLeastOne("requests", requests);
        atLeastOne("burst", burst);
        long interval = period.toNanos() / requests;
        if (interval < SHORTEST_INTERVAL_NANOS) {
            throw new IllegalArgumentException(
                    "requests: " + requests + " in " + period + " (expected: at most one in a microsecond)");
        }
        if (burst > LONGEST.toNanos() / interval) {
            throw new IllegalArgumentException(
                    "burst: " + burst + " (expected: what comes back within 366 days at this rate)");
        }
    }

    private static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
        }
    }

    /**
     * A limit whose burst is what a period allows.
     *
     * @param requests how many
     * @param period in which time
     * @return the limit
     */
    public static RateLimit of(long requests, Duration period) {
        return new RateLimit(DEFAULT_NAME, requests, period, requests);
    }

    /**
     * So many a second.
     *
     * @param requests how many
     * @return the limit
     */
    public static RateLimit perSecond(long requests) {
        return of(requests, Duration.ofSeconds(1));
    }

    /**
     * So many a minute.
     *
     * @param requests how many
     * @return the limit
     */
    public static RateLimit perMinute(long requests) {
        return of(requests, Duration.ofMinutes(1));
    }

    /**
     * A copy with another burst.
     *
     * @param changed how many may come at once
     * @return the copy
     */
    public RateLimit withBurst(long changed) {
        return new RateLimit(name, requests, period, changed);
    }

    /**
     * A copy with another name.
     *
     * @param changed the name
     * @return the copy
     */
    public RateLimit withName(String changed) {
        return new RateLimit(changed, requests, period, burst);
    }

    /** The time in which the capacity for one request comes back. */
    long intervalNanos() {
        return period.toNanos() / requests;
    }
}
