package io.headgate.function.driver;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import org.jspecify.annotations.Nullable;

/**
 * Why a call of an instance brought no whole reply. It is the cause of the {@link FunctionException} that the call, or the body of its
 * reply, fails with: users see the exception's message, and whoever owns the instance learns here whether it may be called again. It
 * has no stack trace.
 */
public final class InstanceFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    private InstanceFailure(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.reason = reason;
    }

    /** What went wrong. */
    public enum Reason {
        /** The headers of the request are larger than the function reads. Nothing was sent. */
        REQUEST_HEAD_TOO_LARGE(ErrorKind.TOO_LARGE, true),
        /** The headers of the reply are larger than allowed. */
        REPLY_HEAD_TOO_LARGE(ErrorKind.FUNCTION_FAILED, false),
        /** The body of the reply is larger than allowed; the connection was closed on it. */
        REPLY_BODY_TOO_LARGE(ErrorKind.FUNCTION_FAILED, true),
        /** What came is no reply. */
        NOT_A_REPLY(ErrorKind.FUNCTION_FAILED, false),
        /** Nobody listens. Nothing was sent, and the body of the request was not touched: it is the caller's again. */
        UNREACHABLE(ErrorKind.FUNCTION_FAILED, false),
        /** The connection ended before the reply did. */
        DISCONNECTED(ErrorKind.FUNCTION_FAILED, false);

        private final ErrorKind kind;
        private final boolean usable;

        Reason(ErrorKind kind, boolean usable) {
            this.kind = kind;
            this.usable = usable;
        }

        /**
         * Tells whether the instance may be called again.
         *
         * @return false when it must be ended
         */
        public boolean isInstanceUsable() {
            return usable;
        }
    }

    /**
     * A failure of a call.
     *
     * @param reason what went wrong
     * @param message for the client
     * @param cause for the log, or null
     * @return the exception to fail with, whose cause is an {@code InstanceFailure}
     */
    public static FunctionException of(Reason reason, String message, @Nullable Throwable cause) {
        return new FunctionException(reason.kind, message, new InstanceFailure(reason, message, cause));
    }

    /**
     * Tells whether the instance may be called again after a call failed.
     *
     * @param error what the call, or the body of its reply, failed with
     * @return true only when it is known to be; a failure of the request's body, for one, leaves a connection in the middle of a
     *     message, and nobody knows what the function made of it
     */
    public static boolean leavesUsable(Throwable error) {
        return error.getCause() instanceof InstanceFailure failure && failure.reason.usable;
    }

    /**
     * Tells whether another instance may take the call in place of the one that it failed on.
     *
     * @param error what the call failed with
     * @return true only when nobody listened: nothing of the request was sent, and its body is the caller's again, to be sent or discarded
     */
    public static boolean leavesRequest(Throwable error) {
        return error.getCause() instanceof InstanceFailure failure && failure.reason == Reason.UNREACHABLE;
    }

    /**
     * What went wrong.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
