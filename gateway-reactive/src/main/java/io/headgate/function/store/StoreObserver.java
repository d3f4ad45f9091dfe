package io.headgate.function.store;

/**
 * Is told of every operation of a store when it has ended: the place for figures.
 *
 * <p><b>Threading.</b> Called on the thread of the operation's last signal, possibly on several at once; must not block. What it
 * throws is logged and otherwise ignored.
 */
@FunctionalInterface
public interface StoreObserver {

    /**
     * An operation has ended.
     *
     * @param operation which one
     * @param nanos how long it took, from its subscription
     * @param outcome how it ended
     */
    void ended(StoreOperation operation, long nanos, Outcome outcome);

    /** How an operation ended. */
    enum Outcome {
        /** It was carried out. */
        SUCCESS,
        /** The store said what was wrong with it: a {@link io.headgate.function.model.FunctionException} below 500. */
        REFUSED,
        /** The store failed. */
        FAILED,
        /** Nobody waits for it any more. */
        CANCELLED
    }
}
