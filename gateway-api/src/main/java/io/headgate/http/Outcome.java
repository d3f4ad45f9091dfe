package io.headgate.http;

/** How an exchange ended, seen from the client connection. Every exchange has exactly one outcome. */
public enum Outcome {
    /** The reply went out whole, to its last byte and trailer, whatever its status. */
    COMPLETE,
    /** The exchange failed: the gateway answered with an error of its own, or had to cut the reply short. */
    FAILED,
    /** The client went away or reset its stream before the reply was whole. */
    CANCELLED,
    /** The gateway refused the request before any work was done for it. */
    REJECTED
}
