package io.headgate.sync.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Counts the bytes that come. */
final class BytesIn extends ChannelInboundHandlerAdapter {

    private final ClientCounts counts;

    BytesIn(ClientCounts counts) {
        this.counts = counts;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            counts.bytes.add(bytes.readableBytes());
        }
        ctx.fireChannelRead(message);
    }
}
