package io.headgate.function.dispatch;

/**
 * A place in the queue for a slot.
 *
 * <p><b>Threading.</b> Any thread may call.
 */
public interface Ticket {

    /**
     * Leaves the queue.
     *
     * @return true when the waiter will hear nothing; false when it has been or is being told: a slot that it was granted is its to give
     *     back
     */
    boolean cancel();
}
