package io.headgate.function.async;

import io.headgate.function.model.CallAnnotations;
import io.headgate.function.model.FunctionException;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Says which failures of asynchronous calls are worth another attempt. How often and when is said by {@link AsyncSettings} and by the
 * annotation {@value #ANNOTATION} of the function: how often it is called again at most, 0 for never; a number of JSON.
 *
 * <p><b>Threading.</b> Any thread; does not block.
 */
@FunctionalInterface
public interface AsyncRetries {

    /** The annotation of a function that says how often a call is tried again after a failure, 0 to {@value #MOST}. */
    String ANNOTATION = CallAnnotations.ASYNC_RETRIES;

    /** The most that a function may ask for. */
    int MOST = CallAnnotations.MAX_ASYNC_RETRIES;

    /**
     * What is done unless set otherwise. Who was refused because there was no room was not tried, and what this gateway cut as it
     * stopped has not failed. What will not change is not tried
     * again: a function that is gone, one that does not fit into the machine, input or output that is too large. All other failures,
     * unknown ones among them, count and are tried again.
     */
    AsyncRetries STANDARD = failure -> failure instanceof FunctionException known
            ? switch (known.kind()) {
                case BUSY, TOO_MANY_CALLS, STOPPED -> Verdict.LATER;
                case INVALID,
                        IMPOSSIBLE,
                        NOT_FOUND,
                        METHOD_NOT_ALLOWED,
                        NOT_ACCEPTABLE,
                        CONFLICT,
                        TOO_LARGE,
                        UNSUPPORTED -> Verdict.NEVER;
                case IMAGE_NOT_FOUND, CALLER_LEFT, FUNCTION_FAILED, START_FAILED, TIMED_OUT, START_TIMED_OUT ->
                    Verdict.AGAIN;
            }
            : Verdict.AGAIN;

    /**
     * What is to become of a call.
     *
     * @param failure why the attempt failed
     * @return what to do
     */
    Verdict of(Throwable failure);

    /**
     * These rules, but some failures are never tried again.
     *
     * @param test says which
     * @return the rules
     */
    default AsyncRetries except(Predicate<Throwable> test) {
        Objects.requireNonNull(test, "test");
        return failure -> test.test(failure) ? Verdict.NEVER : of(failure);
    }

    /** What is to become of a call whose attempt has failed. */
    enum Verdict {
        /** It is tried again while attempts and time are left. */
        AGAIN,
        /** It is no fault of the call or of the function: it is tried again while time is left, and the attempt does not count. */
        LATER,
        /** It is a dead letter. */
        NEVER
    }
}
