/**
 * Keeps calls away from endpoints that fail: a {@link io.headgate.breaker.CircuitBreaker} judges one endpoint by itself, an
 * {@link io.headgate.breaker.Ejection} compares the endpoints of one set with each other. Both judge a call at its end, trailers
 * included, by the {@link io.headgate.classify.Classifier} of the exchange, and both answer {@code status()} with BUSY where a
 * balancer had better pick another endpoint.
 *
 * <p>The engines are our own. The circuit breaker of Resilience4j (2.4.0) was looked at for the failure share and does not fit: it knows
 * neither failures in a row nor refusals for load, which count for the share alone; the end of a call that began before it opened
 * counts as the result of a probe; it becomes half open when it is called or by a thread of its own, so that {@code status()}
 * could not tell a balancer when to come back; and a result takes a lock, or without it makes 200 bytes of objects, and more than
 * twice the time (docs/benchmarks.md). Who has one mounts it with {@link io.headgate.breaker.Resilience4jBreaker}.
 */
@NullMarked
package io.headgate.breaker;

import org.jspecify.annotations.NullMarked;
