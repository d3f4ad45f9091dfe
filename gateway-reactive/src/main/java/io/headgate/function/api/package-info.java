/**
 * The HTTP API of functions: applications, functions, triggers and what became of asynchronous calls, in JSON under {@code /v2}. Start at
 * {@link io.headgate.function.api.FunctionsApi}.
 */
@NullMarked
package io.headgate.function.api;

import org.jspecify.annotations.NullMarked;
