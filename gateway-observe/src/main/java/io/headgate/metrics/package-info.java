/**
 * Metrics on Micrometer, whose types only this package and {@code io.headgate.tracing} name. What passes through a gateway is
 * measured by {@link io.headgate.metrics.HttpMetrics}; how its series are called decides an
 * {@link io.headgate.metrics.HttpConvention}.
 *
 * <p>Meters are bound when a stack or a route is built, or a combination of method, status and outcome occurs for the first time;
 * after that an exchange finds them by index. How many series there can be is bounded, whatever clients send.
 *
 * <p>How the engines themselves are, {@link io.headgate.metrics.EngineMetrics} show; what connections of the framed RPC do,
 * {@link io.headgate.metrics.RpcMetrics}.
 */
@NullMarked
package io.headgate.metrics;

import org.jspecify.annotations.NullMarked;
