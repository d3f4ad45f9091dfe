package io.headgate.retry;

/**
 * Is told of retries: for metrics and logs. Calls come on the thread of the attempt and must neither block nor throw.
 */
public interface RetryListener {

    /** Does not care. */
    RetryListener NONE = new RetryListener() {};

    /**
     * A failure is tried again.
     *
     * @param failed what failed
     */
    default void onRetry(FailedAttempt failed) {}

    /**
     * A failure that the policy is for is not tried again; it is what the client gets.
     *
     * @param failed what failed
     * @param why what stands against it
     */
    default void onSkipped(FailedAttempt failed, Skipped why) {}
}
