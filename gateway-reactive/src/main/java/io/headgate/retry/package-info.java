/**
 * Trying again: what ({@link io.headgate.retry.RetryPolicy}), how often ({@link io.headgate.retry.RetryBudget}), and with what body. Start
 * at {@link io.headgate.retry.Retry}.
 */
@NullMarked
package io.headgate.retry;

import org.jspecify.annotations.NullMarked;
