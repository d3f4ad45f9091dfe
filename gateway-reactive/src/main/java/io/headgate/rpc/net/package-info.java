/**
 * Servers and clients of framed RPC on TCP, unix sockets, TLS and within one process, over the event loops of Reactor Netty, which
 * must be on the class path. Any other channel of Netty becomes a connection by {@link io.headgate.rpc.Dialect#connect}; two
 * sides in one process without a server are in {@code io.headgate.rpc.local}.
 *
 * <p>Start at {@link io.headgate.rpc.net.RpcServer} and {@link io.headgate.rpc.net.RpcClient}.
 */
@NullMarked
package io.headgate.rpc.net;

import org.jspecify.annotations.NullMarked;
