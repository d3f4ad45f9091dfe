package io.headgate.sync.internal.wire;

import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of a connection into {@link SyncMessage}s. At a client it follows restarts by itself: behind a
 * {@link SyncMessage.DecoderRestart} it expects a new stream, compressed as that says. When it has thrown a
 * {@link SyncWireException} into the pipeline it drops all that comes; whoever sees the exception closes the connection.
 *
 * <p>Holds what has come of a message, within the limits, and nothing between messages.
 */
public final class SyncInbound extends ByteToMessageDecoder {

    private final Supplier<SyncDecoder> streams;
    private SyncDecoder decoder;
    private @Nullable SnappyReader chunks;
    private @Nullable ByteBuf plain;
    private boolean failed;

    private SyncInbound(Supplier<SyncDecoder> streams) {
        this.streams = streams;
        decoder = streams.get();
    }

    /**
     * For a server: reads what clients may say.
     *
     * @param limits on what a client may make it hold
     * @return a handler for one connection
     */
    public static SyncInbound server(GobLimits limits) {
        return new SyncInbound(() -> SyncDecoder.server(limits));
    }

    /**
     * For a client: reads what servers may say.
     *
     * @param limits on what a server may make it hold
     * @return a handler for one connection
     */
    public static SyncInbound client(GobLimits limits) {
        return new SyncInbound(() -> SyncDecoder.client(limits));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (failed) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            for (SyncMessage message = next(ctx, in); message != null; message = next(ctx, in)) {
                out.add(message);
                if (message instanceof SyncMessage.DecoderRestart restart) {
                    restart(restart.compression());
                }
            }
        } catch (SyncWireException e) {
            failed = true;
            in.skipBytes(in.readableBytes());
            drop();
            throw e;
        }
    }

    private @Nullable SyncMessage next(ChannelHandlerContext ctx, ByteBuf in) {
        SnappyReader compressed = chunks;
        if (compressed == null) {
            return decoder.decode(in);
        }
        ByteBuf bytes = plain;
        if (bytes == null) {
            bytes = ctx.alloc().buffer(Math.max(256, 2 * in.readableBytes()));
            plain = bytes;
        }
        SyncMessage message = decoder.decode(bytes);
        while (message == null && compressed.read(in, bytes.discardSomeReadBytes())) {
            message = decoder.decode(bytes);
        }
        if (message == null && !bytes.isReadable()) {
            drop();
        }
        return message;
    }

    private void restart(String compression) {
        ByteBuf left = plain;
        if (left != null && left.isReadable()) {
            throw new SyncWireException(
                    Reason.TRAILING_BYTES,
                    "bytes between a restart and the end of its chunk: " + left.readableBytes() + " (expected: none)");
        }
        drop();
        decoder = streams.get();
        chunks = switch (compression) {
            case "" -> null;
            case SyncMessage.SNAPPY -> new SnappyReader();
            default ->
                throw new SyncWireException(
                        Reason.BAD_VALUE,
                        "compression: " + compression + " (expected: none or " + SyncMessage.SNAPPY + ")");
        };
    }

    private void drop() {
        ByteBuf left = plain;
        plain = null;
        if (left != null) {
            left.release();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        drop();
    }
}
