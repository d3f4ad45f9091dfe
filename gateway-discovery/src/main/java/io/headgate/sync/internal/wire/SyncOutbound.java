package io.headgate.sync.internal.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Turns {@link SyncMessage}s that are written into bytes, and opens each stream before its first bytes. A {@link ByteBuf} passes
 * as it is: frames that were encoded, and compressed if the stream is, for everybody. Used on the event loop alone.
 */
public final class SyncOutbound extends ChannelOutboundHandlerAdapter {

    private final SyncEncoder encoder;
    private boolean snappy;
    private boolean open;

    /**
     * Begins a stream that is not compressed.
     *
     * @param encoder of what this side may say
     */
    public SyncOutbound(SyncEncoder encoder) {
        this.encoder = encoder;
    }

    /**
     * Begins a new stream with the next write.
     *
     * @param compressed whether by Snappy
     */
    public void restart(boolean compressed) {
        snappy = compressed;
        open = false;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof SyncMessage said) {
            ByteBuf bytes;
            try {
                bytes = encode(ctx, said);
            } catch (RuntimeException e) {
                promise.setFailure(e);
                return;
            }
            open(ctx);
            ctx.write(bytes, promise);
            return;
        }
        if (message instanceof ByteBuf) {
            open(ctx);
        }
        ctx.write(message, promise);
    }

    private void open(ChannelHandlerContext ctx) {
        if (!open) {
            open = true;
            ctx.write(encoder.opening(snappy));
        }
    }

    private ByteBuf encode(ChannelHandlerContext ctx, SyncMessage message) {
        ByteBuf frame = ctx.alloc().buffer(256);
        try {
            encoder.encode(message, frame);
            return snappy ? SnappyChunks.compress(frame) : frame.retain();
        } finally {
            frame.release();
        }
    }
}
