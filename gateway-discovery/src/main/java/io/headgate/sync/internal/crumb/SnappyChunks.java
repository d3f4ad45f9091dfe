package io.headgate.sync.internal.crumb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import java.util.zip.CRC32C;

/**
 * Bytes as complete chunks of the Snappy framing format, which depend on nothing before them.
 *
 * <pre>
 * +------------+----------------------------+--------------------------+------+
 * | 00 snappy  | length of what follows, 3, | masked CRC-32C of the    | data |
 * | 01 as it is| little-endian              | plain bytes, 4, little-e.|      |
 * +------------+----------------------------+--------------------------+------+
 * </pre>
 *
 * <p>A stream of them begins with {@link #streamIdentifier}. One thread at a time.
 */
public final class SnappyChunks {

    private static final int COMPRESSED = 0x00;
    private static final int PLAIN = 0x01;
    private static final int MOST = Short.MAX_VALUE; // what Netty's compressor is given by Netty too; the format allows 65,536
    private static final int WORTH_TRYING = 18;
    private static final int CHECKSUM = 4;
    private static final int MASK = 0xa282ead8;

    private final Snappy snappy = Snappy.withHashTableReuse();
    private final CRC32C crc = new CRC32C();

    // On the heap, where single bytes cost least however buffers are watched.
    private final ByteBuf plain = Unpooled.buffer(256, MOST);
    private final ByteBuf packed = Unpooled.buffer(256);

    /** Nothing is written by this. */
    public SnappyChunks() {}

    /**
     * What a stream begins with.
     *
     * @return passes ownership
     */
    public static ByteBuf streamIdentifier() {
        return Unpooled.wrappedBuffer(new byte[] {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'});
    }

    /**
     * Writes bytes as chunks.
     *
     * @param in borrowed; read to its end
     * @param out borrowed; written to
     */
    public void write(ByteBuf in, ByteBuf out) {
        while (in.isReadable()) {
            chunk(in, Math.min(in.readableBytes(), MOST), out);
        }
    }

    private void chunk(ByteBuf in, int length, ByteBuf out) {
        plain.clear().writeBytes(in, length);
        packed.clear();
        if (length >= WORTH_TRYING) {
            snappy.encode(plain.slice(), packed, length);
            snappy.reset();
        }
        boolean smaller = packed.isReadable() && packed.readableBytes() < length;
        ByteBuf data = smaller ? packed : plain;
        out.writeByte(smaller ? COMPRESSED : PLAIN);
        out.writeMediumLE(CHECKSUM + data.readableBytes());
        out.writeIntLE(checksum());
        out.writeBytes(data);
    }

    private int checksum() {
        crc.reset();
        crc.update(plain.array(), plain.arrayOffset(), plain.writerIndex());
        int sum = (int) crc.getValue();
        return (sum >>> 15 | sum << 17) + MASK;
    }
}
