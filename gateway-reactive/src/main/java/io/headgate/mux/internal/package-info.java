/**
 * The neutral half of the mux: what is the same for every protocol pair. Not for use outside Headgate.
 *
 * <p>One exchange flows like this. A front connection reads a head, checks it with {@code HeadRules} and starts a
 * {@link io.headgate.mux.internal.FrontExchange}, which calls the user's service. The service ends at an upstream, where
 * a {@link io.headgate.mux.internal.BackExchange} takes a connection from a {@link io.headgate.mux.internal.Pool} and
 * sends the head. Bodies are {@link io.headgate.mux.internal.InboundBody} where they are read and
 * {@link io.headgate.mux.internal.BodySink} where they are written; when the two meet on one event loop they are linked,
 * else {@code FluxBridge} and {@code FluxFeed} carry Reactor signals between them. {@link io.headgate.mux.internal.Loop}
 * is what an event loop shares: flushes, timers, gauges.
 */
@NullMarked
package io.headgate.mux.internal;

import org.jspecify.annotations.NullMarked;
