/**
 * Names for requests, so that what several programs say of one of them can be put together.
 *
 * <p>Start at {@link io.headgate.trace.RequestId}. Distributed tracing is another matter: {@code traceparent} and its like
 * pass untouched.
 */
@NullMarked
package io.headgate.trace;

import org.jspecify.annotations.NullMarked;
