package io.headgate.function.invoke;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.BodyTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended, with the time of its phases.
 *
 * @param outcome in one word
 * @param error why it did not end well, or null
 * @param ran whether the call was sent to an instance
 * @param cold whether the instance was started for it; false for a call that did not run
 * @param waitedNanos how long it waited for an instance, or until it was refused or given up
 * @param ranNanos from when it was about to be sent until its reply had been read; 0 for a call that did not run
 */
public record InvocationEnd(
        Outcome outcome, @Nullable Throwable error, boolean ran, boolean cold, long waitedNanos, long ranNanos) {

    /** The end of a call whose request did not come whole; null when its caller has left. */
    static InvocationEnd ofDropped(@Nullable Throwable why) {
        Throwable error = why instanceof BodyTooLargeException
                ? new FunctionException(ErrorKind.TOO_LARGE, String.valueOf(why.getMessage()), why)
                : why;
        boolean hasLeft = why == null
                || (why instanceof GatewayException known && known.traits().contains(Trait.CANCELLED));
        Outcome outcome = error == null || hasLeft ? Outcome.CANCELLED : Outcome.of(error);
        return new InvocationEnd(outcome, error, false, false, 0, 0);
    }

    /** How a call can end. */
    public enum Outcome {
        /** The function answered, and the answer was read to its end. */
        COMPLETED,
        /** The function failed, no instance could be started, or the server stopped while the function ran: the error says whose fault it is. */
        FAILED,
        /** The function did not answer in time, or no instance was ready in time. */
        TIMED_OUT,
        /** The caller has left. */
        CANCELLED,
        /** Nothing was free, or too many waited already: the function was not called. */
        BUSY;

        /**
         * The outcome of a call that failed.
         *
         * @param error why
         * @return the outcome
         */
        public static Outcome of(Throwable error) {
            return error instanceof FunctionException known ? of(known.kind()) : FAILED;
        }

        private static Outcome of(ErrorKind kind) {
            return switch (kind) {
                case BUSY, TOO_MANY_CALLS -> BUSY;
                case TIMED_OUT, START_TIMED_OUT -> TIMED_OUT;
                case CALLER_LEFT -> CANCELLED;
                default -> FAILED;
            };
        }
    }
}
