package io.headgate.function.model;

/** How a call is made. */
public enum CallType {
    /** The caller waits for the answer. */
    SYNC,
    /** The caller is told that the function has been started; the answer is dropped. */
    DETACHED,
    /** The call is recorded, the caller is told its id, and it is run as often as it takes. */
    ASYNC
}
