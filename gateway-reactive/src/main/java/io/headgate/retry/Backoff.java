package io.headgate.retry;

import java.time.Duration;

/**
 * How long to wait before a retry: twice as long each time, and not for everybody the same.
 *
 * @param first before the first retry; zero for no wait at all
 * @param most the longest wait
 * @param jitter by which share at most a wait is shortened at random, 0 to 1
 */
public record Backoff(Duration first, Duration most, double jitter) {

    /** No wait. */
    public static final Backoff NONE = new Backoff(Duration.ZERO, Duration.ZERO, 0);

    /** Checks the parts. */
    public Backoff {
        if (first.isNegative()) {
            throw new IllegalArgumentException("first: " + first + " (expected: zero or more)");
        }
        if (most.compareTo(first) < 0 || most.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("most: " + most + " (expected: " + first + " to one hour)");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0..1)");
        }
    }

    /**
     * Exponential, shortened by up to a half at random.
     *
     * @param first before the first retry
     * @param most the longest wait
     * @return the backoff
     */
    public static Backoff exponential(Duration first, Duration most) {
        return new Backoff(first, most, 0.5);
    }

    /**
     * The wait before a retry.
     *
     * @param retry 1 for the first retry
     * @param random 0 to 1
     * @return nanoseconds
     */
    public long nanos(int retry, double random) {
        long wait = first.toNanos() << Math.min(retry - 1, 62);
        boolean tooLong = wait < 0 || wait >> Math.min(retry - 1, 62) != first.toNanos() || wait > most.toNanos();
        return (long) ((tooLong ? most.toNanos() : wait) * (1 - jitter * random));
    }
}
