package io.headgate.gateway;

import io.headgate.mux.internal.Failures;
import io.headgate.mux.internal.FrontConnection;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.headgate.mux.internal.h1.H1Front;
import io.headgate.mux.internal.h2.H2Front;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells HTTP/2 with prior knowledge from HTTP/1.1 by the connection preface (RFC 9113 section 3.4), makes the pipeline speak
 * what it found and steps aside. {@code Upgrade: h2c} is never taken up.
 */
final class ProtocolDetector extends ByteToMessageDecoder implements FrontConnection, Timed {

    private static final Logger LOG = LoggerFactory.getLogger(ProtocolDetector.class);

    private final FrontContext context;
    private @Nullable Channel channel;
    private Ticker.@Nullable Registration timer;
    private long since;

    ProtocolDetector(FrontContext context) {
        this.context = context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        timer = context.loop().ticker().register(this);
        since = context.loop().ticker().now();
        context.fronts().handledBy(channel, this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.close();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
        try {
            int known = Math.min(in.readableBytes(), preface.readableBytes());
            for (int i = 0; i < known; i++) {
                if (in.getByte(in.readerIndex() + i) != preface.getByte(i)) {
                    H1Front.install(ctx.pipeline(), context, null);
                    ctx.pipeline().remove(this);
                    return;
                }
            }
            if (known == preface.readableBytes()) {
                H2Front.install(ctx.pipeline(), context, null);
                ctx.pipeline().remove(this);
            }
        } finally {
            preface.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Failures.log(LOG, "client connection", ctx.channel(), cause);
        ctx.close();
    }

    @Override
    public void tick(long now) {
        boolean silent = actualReadableBytes() == 0 && context.fronts().isTimeToLeave(since);
        if (silent || context.loop().ticker().isOver(since, context.settings().requestHead())) {
            end();
        }
    }

    // ---- the end

    @Override
    public int active() {
        return 0;
    }

    @Override
    public void drain() {
        // a first request is welcome
    }

    @Override
    public void end() {
        if (channel != null) {
            channel.close();
        }
    }
}
