package io.headgate.function.model;

/** What can go wrong with functions, each with its status and with whose fault it is. */
public enum ErrorKind {
    /** A value is not what it must be. */
    INVALID(400, Blame.CALLER),
    /** More memory or CPU is wanted than the machine has. */
    IMPOSSIBLE(400, Blame.CALLER),
    /** There is no such thing. */
    NOT_FOUND(404, Blame.CALLER),
    /** The image is not known to any driver. */
    IMAGE_NOT_FOUND(404, Blame.FUNCTION),
    /** The path is known, the method is not for it. */
    METHOD_NOT_ALLOWED(405, Blame.CALLER),
    /** Neither of the media types that the caller accepts is there. */
    NOT_ACCEPTABLE(406, Blame.CALLER),
    /** The name or path is taken, or must not change. */
    CONFLICT(409, Blame.CALLER),
    /** The request is larger than allowed. */
    TOO_LARGE(413, Blame.CALLER),
    /** The function has as many calls waiting as it may have. */
    TOO_MANY_CALLS(429, Blame.CALLER),
    /** The caller has left. */
    CALLER_LEFT(444, Blame.CALLER),
    /** The way of calling is not available here. */
    UNSUPPORTED(501, Blame.SERVICE),
    /** The function failed, or its answer was not one. */
    FUNCTION_FAILED(502, Blame.FUNCTION),
    /** An instance could not be started. */
    START_FAILED(502, Blame.FUNCTION),
    /** Nothing is free, and time to wait for it is over, or the server stops. */
    BUSY(503, Blame.SERVICE),
    /** The server stopped while the function ran; how far it came is not known. */
    STOPPED(503, Blame.SERVICE),
    /** The function did not answer in time. */
    TIMED_OUT(504, Blame.FUNCTION),
    /** An instance was not ready in time. */
    START_TIMED_OUT(504, Blame.FUNCTION);

    private final int status;
    private final Blame blame;

    ErrorKind(int status, Blame blame) {
        this.status = status;
        this.blame = blame;
    }

    /**
     * The HTTP status.
     *
     * @return 400 to 599
     */
    public int status() {
        return status;
    }

    /**
     * Whose fault it is.
     *
     * @return the value of the metrics' label
     */
    public Blame blame() {
        return blame;
    }

    /** Whose fault a failure is. */
    public enum Blame {
        /** Of who called. */
        CALLER,
        /** Of the function. */
        FUNCTION,
        /** Ours. */
        SERVICE
    }
}
