package io.headgate;

import java.time.Duration;

/**
 * A point in time after which a call is of no use to anybody. It is absolute: it starts when the request is accepted and
 * does not start anew at each hop. A stage takes the {@link #min} of what it is given and what it wants, and starts no
 * work when the deadline {@link #isExpired}.
 *
 * @param nanoTime the time on the clock of {@link System#nanoTime}; {@link Long#MAX_VALUE} stands for never
 */
public record Deadline(long nanoTime) {

    /** No deadline. */
    public static final Deadline NONE = new Deadline(Long.MAX_VALUE);

    /** Half of what the clock can count, so that differences of two deadlines do not overflow. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    /**
     * A deadline some time from now.
     *
     * @param time how long from now; zero or less is already over, and more than 146 years is {@link #NONE}, because a
     *     client may send what the clock cannot count ({@code grpc-timeout: 99999999H})
     * @return the deadline
     */
    public static Deadline after(Duration time) {
        if (time.compareTo(LONGEST) > 0) {
            return NONE;
        }
        return new Deadline(System.nanoTime() + (time.isNegative() ? 0 : time.toNanos()));
    }

    /**
     * Tells whether there is no deadline.
     *
     * @return true for {@link #NONE}
     */
    public boolean isNone() {
        return nanoTime == Long.MAX_VALUE;
    }

    /**
     * The earlier of two deadlines.
     *
     * @param other the other one
     * @return this or the other
     */
    public Deadline min(Deadline other) {
        if (isNone()) {
            return other;
        }
        return other.isNone() || nanoTime - other.nanoTime <= 0 ? this : other;
    }

    /**
     * How many nanoseconds are left.
     *
     * @return zero or less when it is over; {@link Long#MAX_VALUE} for {@link #NONE}
     */
    public long remainingNanos() {
        return isNone() ? Long.MAX_VALUE : nanoTime - System.nanoTime();
    }

    /**
     * Tells whether no time is left.
     *
     * @return true when it is over
     */
    public boolean isExpired() {
        return remainingNanos() <= 0;
    }

    @Override
    public String toString() {
        return isNone() ? "none" : Duration.ofNanos(remainingNanos()) + " left";
    }
}
