/**
 * Functions behind the gateway: applications of functions that are called by HTTP, kept in a database, and run by drivers within the
 * memory and processors of the machine.
 *
 * <p>Start at {@link io.headgate.function.Functions}, which puts the parts together. Each part stands alone: {@code model} is what there is,
 * {@code store} and {@code r2dbc} keep it, {@code api} shows it, {@code invoke} calls functions, {@code dispatch} shares instances out,
 * {@code driver} runs them, {@code async} keeps calls that nobody waits for, {@code log} takes what functions print.
 */
@NullMarked
package io.headgate.function;

import org.jspecify.annotations.NullMarked;
