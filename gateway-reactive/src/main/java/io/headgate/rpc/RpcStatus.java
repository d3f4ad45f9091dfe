package io.headgate.rpc;

import org.jspecify.annotations.Nullable;

/**
 * How a call ended. Names and numbers are those of gRPC
 * (<a href="https://grpc.github.io/grpc/core/md_doc_statuscodes.html">status codes</a>), because both ends of a bridge know them.
 */
public enum RpcStatus {
    /** Success. */
    OK(200),
    /** Nobody waits for the answer any more. */
    CANCELLED(499),
    /** The handler failed in a way that it did not name. */
    UNKNOWN(500),
    /** The request is wrong: not decodable, too large, of another content than the endpoint takes. */
    INVALID_ARGUMENT(400),
    /** The deadline passed. */
    DEADLINE_EXCEEDED(504),
    /** What the request asks for does not exist; an endpoint that does not exist is {@link #UNIMPLEMENTED}. */
    NOT_FOUND(404),
    /** What the request wants to create exists. */
    ALREADY_EXISTS(409),
    /** The caller may not do this. */
    PERMISSION_DENIED(403),
    /** A limit was reached. */
    RESOURCE_EXHAUSTED(429),
    /** The state of the system does not allow it; trying again changes nothing. */
    FAILED_PRECONDITION(400),
    /** Another operation got in the way; trying again from the start may work. */
    ABORTED(409),
    /** A position lies outside of what there is. */
    OUT_OF_RANGE(400),
    /** There is no such endpoint. */
    UNIMPLEMENTED(404),
    /** A fault of the server, masked: the id in the message finds it in the server's log. */
    INTERNAL(500),
    /** The connection is not there, or was lost. */
    UNAVAILABLE(503),
    /** Bytes were lost: a stream was cut, or cannot be resumed where it was cut. */
    DATA_LOSS(500),
    /** The caller did not say who it is. */
    UNAUTHENTICATED(401);

    private static final RpcStatus[] BY_NUMBER = values();

    private final int httpStatus;

    RpcStatus(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /**
     * The number on the wire.
     *
     * @return 0 to 16
     */
    public int number() {
        return ordinal();
    }

    /**
     * The HTTP status that means the same.
     *
     * @return 200, or 400 to 504
     */
    public int httpStatus() {
        return httpStatus;
    }

    /**
     * The status of a number.
     *
     * @param number the number on the wire
     * @return the status, or null when there is none of that number
     */
    public static @Nullable RpcStatus of(int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    /**
     * The status that means the same as an HTTP status.
     *
     * @param httpStatus 100 to 599
     * @return the status; {@link #UNKNOWN} for what has no counterpart
     */
    public static RpcStatus ofHttp(int httpStatus) {
        return switch (httpStatus) {
            case 400, 413, 414, 415, 422, 431 -> INVALID_ARGUMENT;
            case 401 -> UNAUTHENTICATED;
            case 403 -> PERMISSION_DENIED;
            case 404 -> NOT_FOUND;
            case 405, 501 -> UNIMPLEMENTED;
            case 408, 504 -> DEADLINE_EXCEEDED;
            case 409 -> ABORTED;
            case 412 -> FAILED_PRECONDITION;
            case 416 -> OUT_OF_RANGE;
            case 429 -> RESOURCE_EXHAUSTED;
            case 499 -> CANCELLED;
            case 500 -> INTERNAL;
            case 502, 503 -> UNAVAILABLE;
            default -> httpStatus < 400 ? OK : UNKNOWN;
        };
    }
}
