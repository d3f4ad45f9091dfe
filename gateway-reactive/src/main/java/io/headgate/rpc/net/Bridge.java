package io.headgate.rpc.net;

import io.netty.channel.Channel;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/** Takes the operations of Reactor Netty out of a pipeline when they have said that the channel is there: bytes are ours. */
final class Bridge {

    private Bridge() {}

    static void remove(Connection connection) {
        Channel channel = connection.channel();
        if (channel.pipeline().get(NettyPipeline.ReactiveBridge) != null) {
            channel.pipeline().remove(NettyPipeline.ReactiveBridge);
        }
    }
}
