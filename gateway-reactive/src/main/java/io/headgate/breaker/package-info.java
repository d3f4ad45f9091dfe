/**
 * Keeps calls away from endpoints that fail: a {@link io.headgate.breaker.CircuitBreaker} judges one endpoint by itself, an
 * {@link io.headgate.breaker.Ejection} compares the endpoints of one set with each other. Both judge a call at its end, trailers
 * included, by the {@link io.headgate.classify.Classifier} of the exchange, and both answer {@code status()} with BUSY where a
 * balancer had better pick another endpoint.
 *
 * <p>The engines are our own. The circuit breaker of Resilience4j was looked at for the failure share and does not fit: it knows no
 * consecutive failures and no refusals for load, which count for the one and not for the other; it takes results of calls that
 * began before it opened for results of now; it becomes half open only when it is called, so that {@code status()} could not tell a
 * balancer when to come back; and it makes new objects for each result. Who has one mounts it with
 * {@link io.headgate.breaker.Resilience4jBreaker}.
 */
@NullMarked
package io.headgate.breaker;

import org.jspecify.annotations.NullMarked;
