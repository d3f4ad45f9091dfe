package io.headgate.tls.internal;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;

/**
 * Takes the closing alert of TLS for what the end of a connection is without TLS. Where it is required, a connection that
 * ends without it has failed: so a body that ends with its connection is whole only when the peer says so (RFC 9112 section
 * 9.8).
 */
public final class ClosingAlert extends ChannelDuplexHandler {

    private final boolean required;
    private boolean closing;

    private ClosingAlert(boolean required) {
        this.required = required;
    }

    /** For clients, whose requests never end with their connection, and who often just go. */
    public static ClosingAlert ofClient() {
        return new ClosingAlert(false);
    }

    /** For upstreams. */
    public static ClosingAlert ofUpstream() {
        return new ClosingAlert(true);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent closed && !closing) {
            closing = true;
            if (closed.isSuccess()) {
                ctx.close();
                return;
            }
            if (required) {
                ctx.fireExceptionCaught(new IOException("closed without a closing alert (expected: close_notify)"));
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        closing = true;
        ctx.close(promise);
    }
}
