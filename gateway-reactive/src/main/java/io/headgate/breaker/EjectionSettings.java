package io.headgate.breaker;

import static io.headgate.breaker.BreakerSettings.check;
import static io.headgate.breaker.BreakerSettings.isBetween;

import java.time.Duration;

/**
 * When an endpoint is ejected from its set, and for how long. Immutable; each {@code with} method returns a copy.
 *
 * @param consecutiveFailures how many failures in a row eject an endpoint; 0 when they do not matter
 * @param deviations an endpoint is ejected when its share of successes is this many standard deviations below the mean of the set;
 *     0 when that does not matter. Among {@code n} endpoints none can be more than {@code (n - 1) / sqrt(n)} deviations away
 * @param latencyFactor an endpoint is ejected when its mean time to the head of a reply is longer than this many times the median of
 *     the set; above 1, or 0 when that does not matter
 * @param minRequests fewest calls to an endpoint in an interval for it to be compared
 * @param minEndpoints fewest endpoints with so many calls for a comparison
 * @param interval how often the set is compared
 * @param baseEjection how long an endpoint is ejected the first time; so much more each further time
 * @param maxEjection the longest that becomes
 * @param maxShare which share of the endpoints may be ejected at a time, rounded down, but always one
 * @param minReady how many other endpoints must be ready for one to be ejected
 * @param timeoutFloor a call that is given up because its deadline has passed counts as a failure when it was given at least
 *     this long
 */
public record EjectionSettings(
        int consecutiveFailures,
        double deviations,
        double latencyFactor,
        int minRequests,
        int minEndpoints,
        Duration interval,
        Duration baseEjection,
        Duration maxEjection,
        double maxShare,
        int minReady,
        Duration timeoutFloor) {

    /**
     * As the outlier detection of Envoy: 5 failures in a row; 1.9 standard deviations among 5 endpoints or more with 100 calls or more in
     * 10 seconds; 30 to 300 seconds; 10 % of the endpoints, but always one. Latency does not matter, one other endpoint must be
     * ready, and a deadline of less than a second says nothing.
     */
    public static final EjectionSettings DEFAULTS = new EjectionSettings(
            5,
            1.9,
            0,
            100,
            5,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(300),
            0.1,
            1,
            Duration.ofSeconds(1));

    /** Checks the values. */
    public EjectionSettings {
        check("consecutiveFailures", consecutiveFailures, consecutiveFailures >= 0, "0 or more");
        check("deviations", deviations, deviations >= 0 && deviations < 1000, "0 or more");
        check("latencyFactor", latencyFactor, latencyFactor == 0 || latencyFactor > 1, "0, or above 1");
        check("minRequests", minRequests, minRequests >= 1, "1 or more");
        check("minEndpoints", minEndpoints, minEndpoints >= 2, "2 or more");
        check("interval", interval, isBetween(interval, Duration.ofMillis(1)), "1 ms to 365 days");
        check("baseEjection", baseEjection, isBetween(baseEjection, Duration.ofNanos(1)), "above 0, to 365 days");
        check("maxEjection", maxEjection, isBetween(maxEjection, baseEjection), "baseEjection to 365 days");
        check("maxShare", maxShare, maxShare >= 0 && maxShare <= 1, "0..1");
        check("minReady", minReady, minReady >= 0, "0 or more");
        check("timeoutFloor", timeoutFloor, isBetween(timeoutFloor, Duration.ZERO), "0 to 365 days");
    }

    /**
     * A copy with another number of failures in a row.
     *
     * @param changed 1 or more, or 0 when they do not matter
     * @return the copy
     */
    public EjectionSettings withConsecutiveFailures(int changed) {
        return new EjectionSettings(
                changed,
                deviations,
                latencyFactor,
                minRequests,
                minEndpoints,
                interval,
                baseEjection,
                maxEjection,
                maxShare,
                minReady,
                timeoutFloor);
    }

    /**
     * A copy that compares shares of successes otherwise.
     *
     * @param changed how many standard deviations below the mean, or 0 when that does not matter
     * @return the copy
     */
    public EjectionSettings withDeviations(double changed) {
        return new EjectionSettings(
                consecutiveFailures,
                changed,
                latencyFactor,
                minRequests,
                minEndpoints,
                interval,
                baseEjection,
                maxEjection,
                maxShare,
                minReady,
                timeoutFloor);
    }

    /**
     * A copy that compares latencies otherwise.
     *
     * @param changed how many times the median, above 1, or 0 when that does not matter
     * @return the copy
     */
    public EjectionSettings withLatencyFactor(double changed) {
        return new EjectionSettings(
                consecutiveFailures,
                deviations,
                changed,
                minRequests,
                minEndpoints,
                interval,
                baseEjection,
                maxEjection,
                maxShare,
                minReady,
                timeoutFloor);
    }

    /**
     * A copy that compares at other times.
     *
     * @param every how often
     * @param requests fewest calls to an endpoint in that time
     * @param endpoints fewest endpoints with so many calls
     * @return the copy
     */
    public EjectionSettings withComparison(Duration every, int requests, int endpoints) {
        return new EjectionSettings(
                consecutiveFailures,
                deviations,
                latencyFactor,
                requests,
                endpoints,
                every,
                baseEjection,
                maxEjection,
                maxShare,
                minReady,
                timeoutFloor);
    }

    /**
     * A copy that ejects for other times.
     *
     * @param base the first time, and how much more each further time
     * @param most the longest
     * @return the copy
     */
    public EjectionSettings withEjection(Duration base, Duration most) {
        return new EjectionSettings(
                consecutiveFailures,
                deviations,
                latencyFactor,
                minRequests,
                minEndpoints,
                interval,
                base,
                most,
                maxShare,
                minReady,
                timeoutFloor);
    }

    /**
     * A copy that ejects more or less at a time.
     *
     * @param share the largest share of the endpoints, 0 to 1; one is always allowed
     * @param ready how many others must be ready
     * @return the copy
     */
    public EjectionSettings withCap(double share, int ready) {
        return new EjectionSettings(
                consecutiveFailures,
                deviations,
                latencyFactor,
                minRequests,
                minEndpoints,
                interval,
                baseEjection,
                maxEjection,
                share,
                ready,
                timeoutFloor);
    }
}
