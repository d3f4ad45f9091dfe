package io.headgate.function.dispatch;

/**
 * Does what the dispatcher orders. It has one order at a time for each instance, but for {@link #stop}, which may come while a freeze or
 * an unfreeze is under way.
 *
 * <p><b>Threading.</b> Orders come on whatever thread made them necessary, one after the other and never with a lock held. They must not
 * block, and may be answered before they return and on any thread. An order that throws has failed.
 *
 * @param <I> what stands for an instance; compared by identity
 */
public interface Crew<I> {

    /**
     * Starts an instance.
     *
     * @param launch what to start; to be told how it went, within the time of {@link DispatchSettings#startTimeout}, which the crew keeps
     */
    void launch(Launch<I> launch);

    /**
     * Stops an instance from taking CPU.
     *
     * @param instance an instance without calls
     * @param outcome to be told; after {@link DispatchSettings#freezeTimeout} it has failed, and the instance is stopped
     */
    void freeze(I instance, Outcome outcome);

    /**
     * Lets a frozen instance go on.
     *
     * @param instance a frozen instance
     * @param outcome to be told; after {@link DispatchSettings#freezeTimeout} it has failed, and the instance is stopped
     */
    void unfreeze(I instance, Outcome outcome);

    /**
     * Ends an instance. Ordered once for each instance that was ready, also for one that has ended by itself.
     *
     * @param instance the instance
     * @param why for the log
     * @param outcome to be told when it and all that it held is gone; until then its tokens are taken
     */
    void stop(I instance, String why, Outcome outcome);

    /** How an order is answered. The first answer counts. */
    interface Outcome {

        /** It is done. */
        void done();

        /**
         * It could not be done.
         *
         * @param cause why
         */
        void failed(Throwable cause);
    }
}
