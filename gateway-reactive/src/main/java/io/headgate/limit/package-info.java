/**
 * Bounds for what clients send.
 *
 * <p>Start at {@link io.headgate.limit.RequestLimits}, which bounds one request. How many requests come is bounded by
 * {@code io.headgate.ratelimit}, and how many are under way by {@code io.headgate.concurrency}.
 */
@NullMarked
package io.headgate.limit;

import org.jspecify.annotations.NullMarked;
