package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;

/**
 * Is told what a dispatcher does.
 *
 * <p><b>Threading.</b> Told on whatever thread did it, in the order of what happened to one instance or one call, and maybe with a lock held:
 * it must neither block nor call the dispatcher. What it throws is logged.
 */
public interface DispatchObserver {

    /** Looks away, and costs nothing. */
    DispatchObserver NONE = new DispatchObserver() {};

    /**
     * An instance has come into another state.
     *
     * @param workload what it is for
     * @param from the state before
     * @param to the state now
     * @param nanos how long it was in the state before; 0 for {@code NONE}
     */
    default void moved(Workload workload, InstanceState from, InstanceState to, long nanos) {}

    /**
     * A call must wait.
     *
     * @param workload what it is for
     */
    default void waits(Workload workload) {}

    /**
     * A call has a slot. It has waited when the time is not zero.
     *
     * @param workload what it is for
     * @param grant how it came about
     */
    default void granted(Workload workload, Grant grant) {}

    /**
     * A call gets no slot.
     *
     * @param workload what it is for
     * @param waited whether it had waited
     * @param error why
     */
    default void refused(Workload workload, boolean waited, FunctionException error) {}

    /**
     * A call that waited was cancelled.
     *
     * @param workload what it is for
     */
    default void left(Workload workload) {}

    /**
     * An instance makes room for another function.
     *
     * @param victim what it is for
     * @param state idle, paused, or busy when it goes after its call
     * @param claimant what the room is for
     */
    default void evicted(Workload victim, InstanceState state, Workload claimant) {}
}
