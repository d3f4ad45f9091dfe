package io.headgate.rpc.wire;

import io.headgate.rpc.RpcSettings;
import io.netty.buffer.ByteBuf;

/**
 * What a side takes, told once in its first frame, a HELLO:
 *
 * <pre>
 *   { u8 id, u8 length, value: unsigned, big endian }*
 * </pre>
 *
 * <p>Ids that are not known are skipped, so that a later side may say more.
 *
 * @param maxFrame (1) most bytes of the payload of a DATA frame
 * @param maxHeader (2) most bytes of a HEADER or TRAILER
 * @param maxElement (3) most bytes of an element of JSON or protobuf
 * @param streamWindow (4) bytes of one call that may be under way
 * @param connectionWindow (5) bytes of all calls that may be under way
 * @param maxStreams (6) calls that this side answers at one time
 * @param maxPartial (7) elements that may have begun in one frame and go on in another, at one time
 * @param features (8) bits of what else it knows; none is defined in version 1
 */
record Hello(
        int maxFrame,
        int maxHeader,
        int maxElement,
        int streamWindow,
        int connectionWindow,
        int maxStreams,
        int maxPartial,
        long features) {

    private static final int VALUES = 8;

    static Hello of(RpcSettings settings) {
        return new Hello(
                settings.maxFrame(),
                settings.maxHeader(),
                settings.maxElement(),
                settings.streamWindow(),
                settings.connectionWindow(),
                settings.maxStreams(),
                Math.max(1, settings.connectionWindow() / settings.maxElement()),
                0);
    }

    /** Most bytes of one frame, so that a window that is given back by halves always has room for it in the end. */
    int frameLimit(int ownMaxFrame) {
        return Math.min(Math.min(maxFrame, ownMaxFrame), Math.min(streamWindow, connectionWindow) / 2);
    }

    void write(ByteBuf out) {
        value(out, 1, maxFrame);
        value(out, 2, maxHeader);
        value(out, 3, maxElement);
        value(out, 4, streamWindow);
        value(out, 5, connectionWindow);
        value(out, 6, maxStreams);
        value(out, 7, maxPartial);
        out.writeByte(8).writeByte(8).writeLong(features);
    }

    private static void value(ByteBuf out, int id, int value) {
        out.writeByte(id).writeByte(4).writeInt(value);
    }

    static Hello read(ByteBuf in) {
        long[] values = new long[VALUES];
        while (in.isReadable()) {
            int id = in.readUnsignedByte();
            int length = in.isReadable() ? in.readUnsignedByte() : Integer.MAX_VALUE;
            if (length > in.readableBytes()) {
                throw new WireViolation("HELLO: ends in setting " + id + " (expected: id, length and value of each)");
            }
            if (id >= 1 && id <= VALUES && length <= 8) {
                values[id - 1] = number(in, length);
            } else {
                in.skipBytes(length);
            }
        }
        return new Hello(
                between("maxFrame", values[0], 512, (1 << 24) - 1),
                between("maxHeader", values[1], 512, 1 << 24),
                between("maxElement", values[2], 1, Integer.MAX_VALUE),
                between("streamWindow", values[3], 1024, Integer.MAX_VALUE),
                between("connectionWindow", values[4], 1024, Integer.MAX_VALUE),
                between("maxStreams", values[5], 0, Integer.MAX_VALUE),
                between("maxPartial", values[6], 1, Integer.MAX_VALUE),
                values[7]);
    }

    private static long number(ByteBuf in, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | in.readUnsignedByte();
        }
        return value;
    }

    private static int between(String name, long value, int least, int most) {
        if (value < least || value > most) {
            throw new WireViolation("HELLO, " + name + ": " + Long.toUnsignedString(value) + " (expected: " + least
                    + ".." + most + ")");
        }
        return (int) value;
    }
}
