package io.headgate.breaker;

/**
 * Is told when a circuit breaker changes.
 *
 * <p><b>Threading.</b> Called on the thread of the call that made the change, which may be an event loop: it must neither block nor
 * throw. Changes that follow each other at once may be told on two threads at the same time.
 */
@FunctionalInterface
public interface BreakerListener {

    /** Is not interested. */
    BreakerListener NONE = (from, to) -> {};

    /**
     * The state has changed. That an open breaker becomes half open is told when its first probe begins.
     *
     * @param from the state before
     * @param to the state now
     */
    void onChange(BreakerState from, BreakerState to);
}
