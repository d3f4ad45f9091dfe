package io.headgate.sync.internal.wire;

import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The framing format of Snappy. A chunk refers to no other, so chunks that were made once can be sent to everybody; what
 * belongs to one stream is the {@link #identifier} at its start alone.
 *
 * <pre>
 *   0      1        4        8
 *   | type | length | CRC-32C | data ...      little endian; the length counts the CRC
 * </pre>
 */
public final class SnappyChunks {

    static final int COMPRESSED = 0x00;
    static final int UNCOMPRESSED = 0x01;
    static final int IDENTIFIER = 0xff;
    static final int HEADER_BYTES = 4;
    static final int CRC_BYTES = 4;

    /** Bytes of one chunk before compression at most, by the format. */
    static final int MOST_PLAIN = 1 << 16;

    private static final byte[] STREAM_IDENTIFIER = {(byte) IDENTIFIER, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};

    private SnappyChunks() {}

    /**
     * What a compressed stream begins with, before its first chunk.
     *
     * @return ten constant bytes, unpooled and read-only, the caller's own view
     */
    public static ByteBuf identifier() {
        return Unpooled.wrappedBuffer(STREAM_IDENTIFIER).asReadOnly();
    }

    /**
     * Compresses to complete chunks without a stream identifier.
     *
     * @param in borrowed: all its readable bytes; its indices stay
     * @return a new direct buffer, which the caller owns
     */
    public static ByteBuf compress(ByteBuf in) {
        int readable = in.readableBytes();
        ByteBuf out = in.alloc().directBuffer(64 + readable / 2);
        try {
            compress(in, out);
        } catch (Throwable e) {
            out.release();
            throw e;
        }
        return out;
    }

    /**
     * Compresses to complete chunks without a stream identifier.
     *
     * @param in borrowed: all its readable bytes; its indices stay
     * @param out gets the chunks
     */
    public static void compress(ByteBuf in, ByteBuf out) {
        new SnappyWriter().write(in.slice(), out);
    }

    /** The masked CRC-32C of bytes before compression. */
    static int checksum(ByteBuffer plain) {
        CRC32C crc = new CRC32C();
        crc.update(plain);
        int value = (int) crc.getValue();
        return (value >>> 15 | value << 17) + 0xa282ead8;
    }

    static SyncWireException broken(String what, long found, String expected) {
        return new SyncWireException(Reason.BAD_COMPRESSION, what + ": " + found + " (expected: " + expected + ")");
    }
}
