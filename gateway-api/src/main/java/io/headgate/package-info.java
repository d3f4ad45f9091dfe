/**
 * The vocabulary of Headgate: what a service is, how stages wrap it, how stacks are put together, and how things fail.
 *
 * <p>Start at {@link io.headgate.Service}, an asynchronous function, and {@link io.headgate.Stage}, a function from
 * service to service. {@link io.headgate.Stack} orders stages by named roles and builds one service per target. State
 * and events over time are plain {@code Flux}es, reshaped by a {@link io.headgate.FlowOperator}. Everything here is free
 * of I/O; HTTP types live in {@link io.headgate.http}.
 */
@NullMarked
package io.headgate;

import org.jspecify.annotations.NullMarked;
