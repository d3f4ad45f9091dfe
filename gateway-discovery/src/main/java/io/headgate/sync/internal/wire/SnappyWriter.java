package io.headgate.sync.internal.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;

/** Compresses to {@link SnappyChunks}, with memory that it uses again. One thread at a time. */
public final class SnappyWriter {

    /** What Netty's compressor is given by Netty too; the format allows more. */
    private static final int BLOCK = Short.MAX_VALUE;

    /** Compressing less than this makes more. */
    private static final int LEAST = 18;

    private final Snappy snappy = Snappy.withHashTableReuse();

    // On the heap, where single bytes cost least however buffers are watched.
    private final ByteBuf plain = Unpooled.buffer(256, BLOCK);
    private final ByteBuf packed = Unpooled.buffer(256);

    /** Nothing is written by this. */
    public SnappyWriter() {}

    /**
     * Writes bytes as complete chunks without a stream identifier.
     *
     * @param in borrowed; read to its end
     * @param out borrowed; written to
     */
    public void write(ByteBuf in, ByteBuf out) {
        while (in.isReadable()) {
            chunk(in, Math.min(in.readableBytes(), BLOCK), out);
        }
    }

    private void chunk(ByteBuf in, int length, ByteBuf out) {
        plain.clear().writeBytes(in, length);
        packed.clear();
        if (length >= LEAST) {
            snappy.encode(plain.slice(), packed, length);
            snappy.reset();
        }
        boolean smaller = packed.isReadable() && packed.readableBytes() < length;
        ByteBuf data = smaller ? packed : plain;
        out.writeByte(smaller ? SnappyChunks.COMPRESSED : SnappyChunks.UNCOMPRESSED);
        out.writeMediumLE(SnappyChunks.CRC_BYTES + data.readableBytes());
        out.writeIntLE(SnappyChunks.checksum(plain.nioBuffer()));
        out.writeBytes(data);
    }
}
