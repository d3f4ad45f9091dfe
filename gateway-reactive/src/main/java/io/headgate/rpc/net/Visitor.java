package io.headgate.rpc.net;

import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.net.Introduction.Answer;
import io.headgate.rpc.net.Introduction.HandedOver;
import io.headgate.rpc.net.Introduction.Refused;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/** The client's end of an {@link Introduction}: introduces it, and makes way for what the server answers. */
final class Visitor extends ChannelInboundHandlerAdapter {

    private final Introduction introduction;
    private final Consumer<RpcConnection> made;
    private final Consumer<String> failed;

    Visitor(Introduction introduction, Consumer<RpcConnection> made, Consumer<String> failed) {
        this.introduction = introduction;
        this.made = made;
        this.failed = failed;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(introduction);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Answer answer) {
            answered(ctx, answer);
        } else {
            ReferenceCountUtil.release(message);
            fail(ctx, "no answer to an introduction (expected: a server of this library)");
        }
    }

    private void answered(ChannelHandlerContext ctx, Answer answer) {
        if (answer instanceof HandedOver handedOver) {
            ctx.pipeline().remove(this);
            made.accept(handedOver.take());
            ctx.close();
        } else if (answer instanceof Refused refused) {
            fail(ctx, refused.why());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failed.accept("closed before its handshake");
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause.toString());
    }

    private void fail(ChannelHandlerContext ctx, String why) {
        failed.accept(why);
        ctx.close();
    }
}
