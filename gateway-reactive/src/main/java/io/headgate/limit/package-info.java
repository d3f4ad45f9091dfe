/**
 * Bounds for what clients send.
 *
 * <p>Start at {@link io.headgate.limit.RequestLimits}, which bounds one request. Bounds on how many requests come, and how
 * many are under way, belong here as well.
 */
@NullMarked
package io.headgate.limit;

import org.jspecify.annotations.NullMarked;
