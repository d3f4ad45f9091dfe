package io.headgate.retry;

/** Why a failure was not tried again although the policy is for it. */
public enum Skipped {
    /** The budget is used up. */
    NO_BUDGET,
    /** As many attempts as there may be have been made. */
    MAX_ATTEMPTS,
    /** The body of the request is too large to be kept, or was cut short. */
    BODY,
    /** The reply came before the body of the request was whole. */
    EARLY_REPLY,
    /** The deadline would have passed, or the upstream asked for too long a wait. */
    NO_TIME,
    /** The upstream forbade it by a negative {@code grpc-retry-pushback-ms}. */
    FORBIDDEN,
    /** The next service does not take calls now. */
    NOT_READY
}
