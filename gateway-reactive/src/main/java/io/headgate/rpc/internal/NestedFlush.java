package io.headgate.rpc.internal;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.local.LocalChannel;
import org.jspecify.annotations.Nullable;

/**
 * For channels within this process whose other end is on the same event loop: that has read, and answered, before a flush returns.
 * Netty leaves out a flush within a flush, and what was written meanwhile would stay where it is, or be lost with the channel.
 */
public final class NestedFlush extends ChannelOutboundHandlerAdapter {

    private boolean flushing;
    private boolean again;
    private @Nullable ChannelPromise closing;

    private NestedFlush() {}

    /**
     * Puts one next to the channel where it is of that kind. Called on its event loop, or before it has one.
     *
     * @param channel of any kind
     */
    public static void install(Channel channel) {
        if (channel instanceof LocalChannel) {
            channel.pipeline().addFirst(new NestedFlush());
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        again = true;
        if (flushing) {
            return; // the outer call goes on
        }
        flushing = true;
        try {
            while (again) {
                again = false;
                ctx.flush();
            }
        } finally {
            flushing = false;
        }
        ChannelPromise asked = closing;
        if (asked != null) {
            closing = null;
            ctx.close(asked);
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!flushing) {
            ctx.close(promise);
        } else if (closing == null) {
            closing = promise;
        } else {
            ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        }
    }
}
