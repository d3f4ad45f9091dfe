package io.headgate.breaker;

import java.time.Duration;

/**
 * Is told when an endpoint is ejected from its set. It comes back when the time is over, which nobody is told: time passes by itself.
 *
 * <p><b>Threading.</b> Calls come one after another, on the thread of a call that has ended, which may be an event loop: they must
 * neither block nor throw.
 */
@FunctionalInterface
public interface EjectionListener {

    /** Why an endpoint is ejected. */
    enum Reason {
        /** Too many failures in a row. */
        CONSECUTIVE_FAILURES,
        /** Fewer successes than the others have. */
        FAILURE_SHARE,
        /** Slower than the others are. */
        LATENCY
    }

    /** Is not interested. */
    EjectionListener NONE = (endpoint, reason, time) -> {};

    /**
     * An endpoint is ejected.
     *
     * @param endpoint what {@link Ejection#stageFor} was given
     * @param reason why
     * @param time for how long
     */
    void onEjected(Object endpoint, Reason reason, Duration time);
}
