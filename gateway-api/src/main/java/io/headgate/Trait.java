package io.headgate;

/** What a failure means for those who handle it, apart from its type. */
public enum Trait {
    /** Nothing was processed, so the same call may be made again, by whatever method and to whomever. */
    RETRYABLE,
    /** The gateway refused the call before any work was done for it. */
    REJECTED,
    /** One of several that could take the call refused it: another one may take it at once. */
    ELSEWHERE,
    /** The caller made the mistake; the same call will fail again. */
    CLIENT_FAULT,
    /** Nobody waits for the answer any more. */
    CANCELLED
}
