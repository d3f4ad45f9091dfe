package io.headgate.breaker;

import java.time.Duration;

/**
 * When a circuit breaker opens, and when it tries again. Immutable; each {@code with} method returns a copy.
 *
 * @param consecutiveFailures how many failures in a row open it; 0 when they do not matter
 * @param failureShare which share of the calls in the window must have failed or been limited to open it, above 0 to 1; 0 when the
 *     share does not matter
 * @param minRequests fewest calls in the window for the share to matter
 * @param window how far back the share looks; it moves on by a tenth at a time
 * @param minBackoff how long it stays open the first time; twice as long after each probe that fails
 * @param maxBackoff the longest that becomes, jitter not counted
 * @param jitter how much a backoff is lengthened by chance, as a share of it, 0 to 1
 * @param probeLimit how long a probe keeps others from probing. After that one whose reply has begun well counts as a success,
 *     else the next call is the next probe
 * @param timeoutFloor a call that is given up because its deadline has passed counts as a failure when it was given at least
 *     this long. Clients may set deadlines that nobody can meet
 */
public record BreakerSettings(
        int consecutiveFailures,
        double failureShare,
        int minRequests,
        Duration window,
        Duration minBackoff,
        Duration maxBackoff,
        double jitter,
        Duration probeLimit,
        Duration timeoutFloor) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /**
     * 7 failures in a row; 1 to 60 seconds with half of that as jitter (all as Linkerd documents for its breaker). The share does not
     * matter; when it is switched on, it looks at 10 seconds with 20 calls or more. A probe may take 10 seconds, and a
     * deadline of less than a second says nothing.
     */
    public static final BreakerSettings DEFAULTS = new BreakerSettings(
            7,
            0,
            20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            0.5,
            Duration.ofSeconds(10),
            Duration.ofSeconds(1));

    /** Checks the values. */
    public BreakerSettings {
        check("consecutiveFailures", consecutiveFailures, consecutiveFailures >= 0, "0 or more");
        check("failureShare", failureShare, failureShare >= 0 && failureShare <= 1, "0..1");
        check("minRequests", minRequests, minRequests >= 1, "1 or more");
        check("window", window, isBetween(window, Duration.ofMillis(10)), "10 ms to 365 days");
        check("minBackoff", minBackoff, isBetween(minBackoff, Duration.ofNanos(1)), "above 0, to 365 days");
        check("maxBackoff", maxBackoff, isBetween(maxBackoff, minBackoff), "minBackoff to 365 days");
        check("jitter", jitter, jitter >= 0 && jitter <= 1, "0..1");
        check("probeLimit", probeLimit, isBetween(probeLimit, Duration.ofNanos(1)), "above 0, to 365 days");
        check("timeoutFloor", timeoutFloor, isBetween(timeoutFloor, Duration.ZERO), "0 to 365 days");
    }

    static boolean isBetween(Duration value, Duration least) {
        return value.compareTo(least) >= 0 && value.compareTo(LONGEST) <= 0;
    }

    static void check(String name, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /**
     * Tells whether nothing opens the breaker.
     *
     * @return true when neither failures in a row nor their share matter
     */
    public boolean isOff() {
        return consecutiveFailures == 0 && failureShare == 0;
    }

    /**
     * A copy with another number of failures in a row.
     *
     * @param changed 1 or more, or 0 when they do not matter
     * @return the copy
     */
    public BreakerSettings withConsecutiveFailures(int changed) {
        return new BreakerSettings(
                changed, failureShare, minRequests, window, minBackoff, maxBackoff, jitter, probeLimit, timeoutFloor);
    }

    /**
     * A copy for which the share of failures matters.
     *
     * @param share which share opens it, above 0 to 1, or 0 when it does not matter
     * @param requests fewest calls in the window
     * @param over the window
     * @return the copy
     */
    public BreakerSettings withFailureShare(double share, int requests, Duration over) {
        return new BreakerSettings(
                consecutiveFailures, share, requests, over, minBackoff, maxBackoff, jitter, probeLimit, timeoutFloor);
    }

    /**
     * A copy that tries again at other times.
     *
     * @param least how long it stays open the first time
     * @param most the longest
     * @param lengthening the jitter, 0 to 1
     * @return the copy
     */
    public BreakerSettings withBackoff(Duration least, Duration most, double lengthening) {
        return new BreakerSettings(
                consecutiveFailures,
                failureShare,
                minRequests,
                window,
                least,
                most,
                lengthening,
                probeLimit,
                timeoutFloor);
    }

    /**
     * A copy with another limit for probes.
     *
     * @param changed how long a probe keeps others from probing
     * @return the copy
     */
    public BreakerSettings withProbeLimit(Duration changed) {
        return new BreakerSettings(
                consecutiveFailures,
                failureShare,
                minRequests,
                window,
                minBackoff,
                maxBackoff,
                jitter,
                changed,
                timeoutFloor);
    }

    /**
     * A copy for which other deadlines say something.
     *
     * @param changed how long a call must have been given
     * @return the copy
     */
    public BreakerSettings withTimeoutFloor(Duration changed) {
        return new BreakerSettings(
                consecutiveFailures,
                failureShare,
                minRequests,
                window,
                minBackoff,
                maxBackoff,
                jitter,
                probeLimit,
                changed);
    }
}
