package io.headgate.mux.internal;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** Ends of a connection other than a plain close, with TLS and without. */
public final class SocketEnd {

    private SocketEnd() {}

    /**
     * Sends what was written, then the end, and goes on to read. A full close while input is unread makes the kernel answer
     * with a reset, and a reset discards what the peer has received but not read: the end of a reply.
     */
    public static void halfClose(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> shutdownOutput(ctx.channel()));
    }

    /** Says that nothing more will be sent, with TLS by its closing alert first (RFC 8446 section 6.1). */
    public static void shutdownOutput(Channel channel) {
        if (!(channel instanceof DuplexChannel duplex) || !channel.isActive()) {
            return;
        }
        SslHandler tls = tls(channel);
        if (tls == null) {
            duplex.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
        }
    }

    /** Closes so that it cannot be taken for a proper end: by a reset, and without the closing alert of TLS. */
    public static void reset(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        SslHandler tls = tls(channel);
        if (tls == null) {
            channel.close();
        } else {
            channel.pipeline().context(tls).close();
        }
    }

    private static @Nullable SslHandler tls(Channel channel) {
        return channel.pipeline().get(SslHandler.class);
    }
}
