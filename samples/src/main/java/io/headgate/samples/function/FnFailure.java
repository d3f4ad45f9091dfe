package io.headgate.samples.function;

/** A server of functions has said no, or nothing, or something else than was expected; the message says it in one line. */
public final class FnFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Something went wrong. */
    public FnFailure(String message) {
        super(message);
    }

    FnFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
