/**
 * The mux: the exchange engine that carries HTTP/1.1 and HTTP/2 clients to HTTP/1.1 and HTTP/2 upstreams.
 *
 * <p>This package holds what users see of it: its {@link io.headgate.mux.MuxSettings settings}, the exceptions with which
 * exchanges fail and the {@link io.headgate.mux.ErrorResponder} that turns them into replies. To run a gateway start at
 * {@code io.headgate.gateway.Gateway}.
 */
@NullMarked
package io.headgate.mux;

import org.jspecify.annotations.NullMarked;
