/**
 * Calls behind HTTP, and HTTP behind calls: {@link io.headgate.rpc.bridge.RpcHttp} makes each of the other, so that endpoints can be
 * reached through a gateway, and the stages for HTTP work on calls. {@link io.headgate.rpc.bridge.RpcPool} makes the connections
 * that a balancer spreads calls over.
 */
@NullMarked
package io.headgate.rpc.bridge;

import org.jspecify.annotations.NullMarked;
