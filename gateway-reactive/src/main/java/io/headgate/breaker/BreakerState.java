package io.headgate.breaker;

/** Whether a circuit breaker lets calls through. */
public enum BreakerState {
    /** All calls pass. */
    CLOSED,
    /** No call passes. */
    OPEN,
    /** One call at a time passes, to find out whether the endpoint works again. */
    HALF_OPEN
}
