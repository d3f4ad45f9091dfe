package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;

/**
 * Who wants a slot. It is told exactly once, on one of the two methods, unless its ticket was cancelled before.
 *
 * <p><b>Threading.</b> Told on whatever thread made it possible, maybe before {@link Dispatcher#acquire} has returned, and never with a
 * lock held. It must not block. When {@link #granted} throws, the slot is given back.
 *
 * @param <I> what stands for an instance
 */
public interface Waiter<I> {

    /**
     * There is a slot.
     *
     * @param slot to be given back when the call has ended
     * @param grant how it came about
     */
    void granted(Slot<I> slot, Grant grant);

    /**
     * There will be none.
     *
     * @param error why: {@code BUSY}, {@code TOO_MANY_CALLS}, {@code IMPOSSIBLE}, or what a launch failed with
     */
    void refused(FunctionException error);
}
