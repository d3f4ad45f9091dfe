package io.headgate.function.model;

/** How far a recorded call is. */
public enum CallStatus {
    /** It waits for its time or for somebody to run it. */
    QUEUED,
    /** Somebody has a lease on it. */
    RUNNING,
    /** The function has answered. */
    SUCCESS,
    /** The last attempt failed, and there is no further one: a dead letter. */
    ERROR,
    /** The last attempt took too long, and there is no further one: a dead letter. */
    TIMEOUT,
    /** It was called off before it ran. */
    CANCELLED;

    /**
     * Tells whether nothing will happen to the call any more.
     *
     * @return true for all but queued and running
     */
    public boolean isEnded() {
        return this != QUEUED && this != RUNNING;
    }
}
