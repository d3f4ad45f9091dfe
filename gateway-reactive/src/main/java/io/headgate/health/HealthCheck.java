package io.headgate.health;

import io.headgate.resolve.Endpoint;
import reactor.core.publisher.Mono;

/**
 * A way to ask endpoints whether they are well. A lambda will do; checks that keep something for each endpoint, such as connections,
 * override {@link #open}.
 *
 * <p><b>Threading.</b> Called on the threads of a scheduler that must not be blocked.
 */
@FunctionalInterface
public interface HealthCheck {

    /**
     * Asks once.
     *
     * @param endpoint whom
     * @return what was found; one that fails or is empty counts as not well. It is cancelled when it takes too long or nobody wants to
     *     know any more
     */
    Mono<Health> check(Endpoint endpoint);

    /**
     * Prepares to ask an endpoint again and again.
     *
     * @param endpoint whom
     * @return the check of that endpoint
     */
    default EndpointCheck open(Endpoint endpoint) {
        return () -> check(endpoint);
    }
}
