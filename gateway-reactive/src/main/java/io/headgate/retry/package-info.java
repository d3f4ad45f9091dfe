/**
 * Trying again: how often it is allowed ({@link io.headgate.retry.BudgetSettings}), and with what body.
 */
@NullMarked
package io.headgate.retry;

import org.jspecify.annotations.NullMarked;
