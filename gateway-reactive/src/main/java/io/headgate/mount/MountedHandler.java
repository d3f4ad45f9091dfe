package io.headgate.mount;

import io.headgate.http.Fields;
import io.headgate.mux.internal.TrailerRules;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Sees in the pipeline what the API of the server does not tell: trailers of the request, when there is room again, and when
 * the end of the reply is written.
 */
final class MountedHandler extends ChannelDuplexHandler {

    private final MountedExchange exchange;
    private final MountedReply reply;
    private Fields trailers = Fields.empty();
    private @Nullable ChannelHandlerContext place;

    MountedHandler(MountedExchange exchange, MountedReply reply) {
        this.exchange = exchange;
        this.reply = reply;
    }

    void install(Channel channel) {
        channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, null, this);
    }

    void remove() {
        if (place != null) {
            place.pipeline().remove(this);
        }
    }

    /** What came after the body. */
    Fields trailers() {
        return trailers;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        place = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        place = null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
            TrailerRules.Intake intake = new TrailerRules.Intake();
            for (Map.Entry<String, String> field : last.trailingHeaders()) {
                intake.add(field.getKey(), field.getValue());
            }
            trailers = intake.fields();
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof LastHttpContent) || isInterim(message)) {
            ctx.write(message, promise);
        } else if (reply.isPartial()) { // the server gives up and says so with a proper end
            ReferenceCountUtil.release(message);
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER, promise).addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.write(message, promise.unvoid()).addListener(this::replyWritten);
        }
    }

    private void replyWritten(Future<? super Void> write) {
        if (write.isSuccess()) {
            exchange.replyWritten();
        }
    }

    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse head && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        reply.writabilityChanged();
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        exchange.lost("client: connection or stream closed", null);
        ctx.fireChannelInactive();
    }
}
