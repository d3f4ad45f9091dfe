package io.headgate.function.model;

import java.time.Duration;

/**
 * How many instances of one function there may be, and how many calls may wait for them.
 *
 * @param minInstances instances that are kept warm; 0 by default
 * @param maxInstances instances at most
 * @param maxWaiting calls that may wait; one more is refused with 429
 * @param maxWait how long a call may wait; after it 503
 * @param concurrency calls that one instance may have at once; 1 by default
 */
public record FnLimits(int minInstances, int maxInstances, int maxWaiting, Duration maxWait, int concurrency) {

    /** None kept warm, as many instances as there are tokens for, any number of waiting calls, one call at a time. */
    public static final FnLimits NONE = new FnLimits(
            0, Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ofSeconds(Long.MAX_VALUE / 4_000_000_000L), 1);
}
