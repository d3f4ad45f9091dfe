package io.headgate.health;

import reactor.core.publisher.Mono;

/** Asks one endpoint again and again, not twice at a time. */
@FunctionalInterface
public interface EndpointCheck {

    /**
     * Asks once.
     *
     * @return what was found, as {@link HealthCheck#check}
     */
    Mono<Health> check();

    /** Frees what is kept for the endpoint; called once, when no check is under way any more. Does not wait. */
    default void close() {}
}
