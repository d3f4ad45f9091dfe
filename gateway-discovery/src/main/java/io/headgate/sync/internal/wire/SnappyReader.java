package io.headgate.sync.internal.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Takes the framing of Snappy off one stream; a restart takes a new one. Holds no bytes and checks every checksum. */
final class SnappyReader {

    private static final byte[] NAME = {'s', 'N', 'a', 'P', 'p', 'Y'};
    private static final int FIRST_SKIPPABLE = 0x80;

    /** What 64 KiB can grow to at worst, by the format. */
    private static final int MOST_COMPRESSED = 32 + SnappyChunks.MOST_PLAIN + SnappyChunks.MOST_PLAIN / 6;

    /** Bytes behind the tag of each kind of copy. */
    private static final int[] WIDTHS = {0, 1, 2, 4};

    private boolean begun;
    private int skipping;

    /**
     * Reads one chunk, if all of it is there.
     *
     * @param in borrowed; its reader index moves behind the chunk
     * @param out gets what the chunk holds, 64 KiB at most
     * @return false when more bytes are needed
     */
    boolean read(ByteBuf in, ByteBuf out) {
        while (true) {
            if (skipping > 0) {
                int skipped = Math.min(skipping, in.readableBytes());
                in.skipBytes(skipped);
                skipping -= skipped;
            }
            if (skipping > 0 || in.readableBytes() < SnappyChunks.HEADER_BYTES) {
                return false;
            }
            int type = in.getUnsignedByte(in.readerIndex());
            int length = in.getUnsignedMediumLE(in.readerIndex() + 1);
            check(type, length);
            if (type >= FIRST_SKIPPABLE && type != SnappyChunks.IDENTIFIER) {
                in.skipBytes(SnappyChunks.HEADER_BYTES);
                skipping = length;
                continue;
            }
            if (in.readableBytes() < SnappyChunks.HEADER_BYTES + length) {
                return false;
            }
            ByteBuf chunk = in.skipBytes(SnappyChunks.HEADER_BYTES).readSlice(length);
            if (type == SnappyChunks.IDENTIFIER) {
                identifier(chunk);
            } else {
                data(type, chunk, out);
                return true;
            }
        }
    }

    private void check(int type, int length) {
        if (!begun && type != SnappyChunks.IDENTIFIER) {
            throw SnappyChunks.broken("type of the first chunk", type, "255, the stream identifier");
        }
        switch (type) {
            case SnappyChunks.IDENTIFIER -> expect(length == NAME.length, "bytes of a stream identifier", length, "6");
            case SnappyChunks.COMPRESSED ->
                expect(
                        length > SnappyChunks.CRC_BYTES && length <= SnappyChunks.CRC_BYTES + MOST_COMPRESSED,
                        "bytes of a compressed chunk",
                        length,
                        "5 to " + (SnappyChunks.CRC_BYTES + MOST_COMPRESSED));
            case SnappyChunks.UNCOMPRESSED ->
                expect(
                        length >= SnappyChunks.CRC_BYTES && length <= SnappyChunks.CRC_BYTES + SnappyChunks.MOST_PLAIN,
                        "bytes of an uncompressed chunk",
                        length,
                        "4 to " + (SnappyChunks.CRC_BYTES + SnappyChunks.MOST_PLAIN));
            default -> expect(type >= FIRST_SKIPPABLE, "type of a chunk", type, "0, 1, or 128 to 255");
        }
    }

    private void identifier(ByteBuf chunk) {
        for (byte expected : NAME) {
            int found = chunk.readByte();
            expect(found == expected, "byte of a stream identifier", found, "those of sNaPpY");
        }
        begun = true;
    }

    private static void data(int type, ByteBuf chunk, ByteBuf out) {
        int checksum = chunk.readIntLE();
        if (type == SnappyChunks.UNCOMPRESSED) {
            verify(checksum, chunk.nioBuffer());
            out.writeBytes(chunk);
            return;
        }
        ByteBuf packed = chunk.alloc().heapBuffer(chunk.readableBytes());
        ByteBuf plain = null;
        try {
            packed.writeBytes(chunk);
            int size = size(packed);
            plain = chunk.alloc().heapBuffer(Math.max(1, size), SnappyChunks.MOST_PLAIN);
            unpack(packed, plain.array(), plain.arrayOffset(), size);
            verify(checksum, ByteBuffer.wrap(plain.array(), plain.arrayOffset(), size));
            out.writeBytes(plain.array(), plain.arrayOffset(), size);
        } finally {
            packed.release();
            if (plain != null) {
                plain.release();
            }
        }
    }

    private static void verify(int expected, ByteBuffer plain) {
        int found = SnappyChunks.checksum(plain);
        if (found != expected) {
            throw SnappyChunks.broken(
                    "checksum",
                    Integer.toUnsignedLong(found),
                    Integer.toUnsignedString(expected) + ", as the chunk says");
        }
    }

    /** The size before compression, which the data begins with. */
    static int size(ByteBuf packed) {
        int size = 0;
        for (int shift = 0; shift < 21 && packed.isReadable(); shift += 7) {
            int next = packed.readByte();
            size |= (next & 0x7f) << shift;
            if (next >= 0) {
                expect(size <= SnappyChunks.MOST_PLAIN, "bytes in a chunk", size, "at most " + SnappyChunks.MOST_PLAIN);
                return size;
            }
        }
        throw SnappyChunks.broken("bytes in a chunk", size, "at most " + SnappyChunks.MOST_PLAIN);
    }

    static void unpack(ByteBuf packed, byte[] out, int from, int size) {
        byte[] in = packed.array();
        int at = packed.arrayOffset() + packed.readerIndex();
        int end = packed.arrayOffset() + packed.writerIndex();
        int to = from;
        int limit = from + size;
        while (at < end) {
            int tag = in[at++] & 0xff;
            int length = tag >>> 2;
            int width = (tag & 3) == 0 ? Math.max(0, length - 59) : WIDTHS[tag & 3];
            expect(width <= end - at, "bytes of an element", width, "at most the " + (end - at) + " that are left");
            int number = 0;
            for (int i = 0; i < width; i++) {
                number |= (in[at++] & 0xff) << 8 * i;
            }
            if ((tag & 3) == 0) {
                length = 1 + (width == 0 ? length : number);
                expect(
                        length > 0 && length <= end - at && length <= limit - to,
                        "bytes of a literal",
                        length,
                        "at most " + Math.min(end - at, limit - to));
                System.arraycopy(in, at, out, to, length);
                at += length;
            } else {
                if ((tag & 3) == 1) {
                    number |= (length >>> 3) << 8;
                    length = 4 + (length & 7);
                } else {
                    length++;
                }
                expect(number > 0 && number <= to - from, "offset of a copy", number, "1 to " + (to - from));
                expect(length <= limit - to, "bytes of a copy", length, "at most " + (limit - to));
                copy(out, to, number, length);
            }
            to += length;
        }
        expect(to == limit, "bytes in a chunk", to - from, Integer.toString(size));
    }

    private static void copy(byte[] out, int to, int offset, int length) {
        if (offset >= length) {
            System.arraycopy(out, to - offset, out, to, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            out[to + i] = out[to + i - offset]; // what was just written repeats
        }
    }

    private static void expect(boolean met, String what, long found, String expected) {
        if (!met) {
            throw SnappyChunks.broken(what, found, expected);
        }
    }
}
