/**
 * Calls and raw streams over one byte stream: what a call is, what a connection is, and how both end. Nothing here knows a
 * wire format or a transport.
 *
 * <p>Start at {@link io.headgate.rpc.RpcConnection}: a service that calls the other side, whoever opened the connection. Typed
 * interfaces over it are in {@code io.headgate.rpc.endpoint}, servers and clients on sockets in {@code io.headgate.rpc.net},
 * our own wire in {@code io.headgate.rpc.wire} and the one of 2017 in {@code io.headgate.rpc.zrepl}; each of them is a
 * {@link io.headgate.rpc.Dialect}.
 */
@NullMarked
package io.headgate.rpc;

import org.jspecify.annotations.NullMarked;
