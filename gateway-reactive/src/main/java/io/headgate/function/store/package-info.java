/**
 * Where applications, functions and triggers are kept: {@link io.headgate.function.store.FunctionStore}, with what is laid around
 * one: listeners, validation, figures, and the cache that calls look things up in.
 */
@NullMarked
package io.headgate.function.store;

import org.jspecify.annotations.NullMarked;
