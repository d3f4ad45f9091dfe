package io.headgate.sync.server;

import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Bytes of a client to messages; after a mistake the rest is not looked at. */
final class Inbound extends ByteToMessageDecoder {

    private final SyncDecoder decoder;
    private boolean broken;

    Inbound(int maxMessage) {
        decoder = SyncDecoder.server(GobLimits.SERVER.withMaxMessage(maxMessage));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        broken = true; // unless it comes to an end
        SyncMessage message = decoder.decode(in);
        broken = false;
        if (message != null) {
            out.add(message);
        }
    }
}
