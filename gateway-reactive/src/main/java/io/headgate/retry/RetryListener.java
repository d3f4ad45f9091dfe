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

    /**
     * This listener and another one as one.
     *
     * @param other is told after this one
     * @return tells both
     */
    default RetryListener and(RetryListener other) {
        if (this == NONE || other == NONE) {
            return this == NONE ? other : this;
        }
        RetryListener first = this;
        return new RetryListener() {
            @Override
            public void onRetry(FailedAttempt failed) {
                first.onRetry(failed);
                other.onRetry(failed);
            }

            @Override
            public void onSkipped(FailedAttempt failed, Skipped why) {
                first.onSkipped(failed, why);
                other.onSkipped(failed, why);
            }
        };
    }
}
