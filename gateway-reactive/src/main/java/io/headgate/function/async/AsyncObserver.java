package io.headgate.function.async;

import io.headgate.function.model.FunctionException;

/**
 * Is told of asynchronous calls, for metrics and logs. Does not block; whatever it throws is logged.
 *
 * <p><b>Threading.</b> Any thread; what is told of one attempt comes one after another.
 */
public interface AsyncObserver {

    /** Looks away. */
    AsyncObserver NONE = new AsyncObserver() {};

    /**
     * A call was recorded and accepted.
     *
     * @param call the call
     */
    default void accepted(QueuedCall call) {}

    /**
     * A call was not accepted.
     *
     * @param fnId the function
     * @param why why
     */
    default void refused(String fnId, FunctionException why) {}

    /**
     * This process has a lease on a call and is about to run it. Followed by exactly one of {@link #ended}, {@link #gaveBack} and
     * {@link #lost}.
     *
     * @param call the call
     */
    default void leased(LeasedCall call) {}

    /**
     * The end of an attempt was recorded.
     *
     * @param call the call
     * @param end how; {@code QUEUED} when it is tried again
     */
    default void ended(LeasedCall call, CallEnd end) {}

    /**
     * A call was not tried, and its lease was given back.
     *
     * @param call the call
     * @param why why
     */
    default void gaveBack(LeasedCall call, String why) {}

    /**
     * A lease was lost: the call was given up, and nothing of the attempt is recorded. Somebody else has it, or takes it when the lease
     * is over.
     *
     * @param call the call
     * @param why why
     */
    default void lost(LeasedCall call, String why) {}

    /**
     * A store did not do what it was asked to. But for {@code add} it is asked again.
     *
     * @param operation the method of {@link CallStore}, or {@code fn} when a function could not be looked up
     * @param error what it said
     */
    default void storeFailed(String operation, Throwable error) {}

    /**
     * Calls that ended long ago were forgotten.
     *
     * @param calls how many
     */
    default void forgot(long calls) {}
}
