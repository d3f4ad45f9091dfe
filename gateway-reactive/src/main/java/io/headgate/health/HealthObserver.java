package io.headgate.health;

import io.headgate.resolve.Endpoint;

/**
 * Is told of the health of endpoints, for metrics and logs.
 *
 * <p><b>Threading.</b> Calls about one resolution come one after another, on the threads of checks and of the source, and must neither
 * block nor throw.
 */
public interface HealthObserver {

    /** Is not interested. */
    HealthObserver NONE = new HealthObserver() {};

    /**
     * An endpoint has become well or has ceased to be, by as many checks as that takes.
     *
     * @param name what was resolved
     * @param endpoint the endpoint
     * @param health what the last check has found
     */
    default void onChange(String name, Endpoint endpoint, Health health) {}

    /**
     * So few endpoints are well that all are used, or enough are again.
     *
     * @param name what was resolved
     * @param panic whether all are used
     */
    default void onPanic(String name, boolean panic) {}
}
