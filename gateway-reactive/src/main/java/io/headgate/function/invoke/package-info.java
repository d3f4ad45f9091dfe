/**
 * How functions are called: an {@link io.headgate.function.invoke.Invoker} runs an {@link io.headgate.function.invoke.Invocation}; services make
 * invocations of HTTP requests, direct ones and those through triggers.
 */
@NullMarked
package io.headgate.function.invoke;

import org.jspecify.annotations.NullMarked;
