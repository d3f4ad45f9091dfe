package io.headgate.ratelimit;

/** What to do with a request when the {@link RateLimitStore} has not decided. */
public enum StoreFailure {
    /** Let it through, uncounted: limits are there to be fair, and a store that is away must not be an outage. */
    ADMIT,
    /** Refuse it with 503: limits guard something that breaks without them. */
    REFUSE
}
