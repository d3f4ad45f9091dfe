package io.headgate.breaker;

/** What a call says about the endpoint that it went to. */
enum Verdict {
    /** It works. */
    SUCCESS,
    /** It does not. */
    FAILURE,
    /** It works, and has too much to do (429, RESOURCE_EXHAUSTED). */
    LIMITED,
    /** Nothing: the call was cancelled, or did not get there. */
    NONE
}
