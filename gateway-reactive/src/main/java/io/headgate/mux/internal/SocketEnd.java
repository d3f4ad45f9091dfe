package io.headgate.mux.internal;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** Ends of a connection other than a plain close, with TLS and without. */
public final class SocketEnd {

    private SocketEnd() {}

    /** Says that nothing more will be sent, and goes on to read. */
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
