/**
 * Active health checks: endpoints are asked whether they are well, and a {@link io.headgate.resolve.Resolver} tells only of those that
 * are. Start at {@link io.headgate.health.HealthChecks}; {@link io.headgate.health.HttpCheck},
 * {@link io.headgate.health.GrpcCheck} and {@link io.headgate.health.TcpCheck} are ways to ask.
 */
@NullMarked
package io.headgate.health;

import org.jspecify.annotations.NullMarked;
