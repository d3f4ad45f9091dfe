package io.headgate.health;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * The two messages of {@code grpc.health.v1.Health/Check}, each in a frame of gRPC:
 *
 * <pre>
 * frame:    | 0: not compressed (1 byte) | length (4 bytes) | message |
 * request:  1: string service
 * response: 1: enum status
 * </pre>
 */
final class HealthMessages {

    static final int SERVING = 1;

    /** What is no message of this kind. */
    static final int MALFORMED = -1;

    private static final int FRAME_HEAD = 5;
    private static final int FIELD_1_BYTES = 1 << 3 | 2;
    private static final int FIELD_1_VARINT = 1 << 3;
    private static final int VARINT_BITS = 64;

    private HealthMessages() {}

    static byte[] request(String service) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        ByteBuf message = Unpooled.buffer();
        if (name.length > 0) {
            writeVarint(message, FIELD_1_BYTES);
            writeVarint(message, name.length);
            message.writeBytes(name);
        }
        ByteBuf frame = Unpooled.buffer(FRAME_HEAD + message.readableBytes());
        frame.writeByte(0).writeInt(message.readableBytes()).writeBytes(message);
        return ByteBufUtil.getBytes(frame);
    }

    private static void writeVarint(ByteBuf to, int value) {
        int rest = value;
        while (rest > 0x7f) {
            to.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        to.writeByte(rest);
    }

    /** The status of a response, 0 when it has none, as proto3 has it. */
    static int status(byte[] bytes) {
        ByteBuf frame = Unpooled.wrappedBuffer(bytes);
        if (bytes.length < FRAME_HEAD || frame.readByte() != 0 || frame.readInt() != frame.readableBytes()) {
            return MALFORMED;
        }
        try {
            int status = 0;
            while (frame.isReadable()) {
                long tag = readVarint(frame);
                if (tag == FIELD_1_VARINT) {
                    status = (int) readVarint(frame);
                } else {
                    skip(frame, tag);
                }
            }
            return status;
        } catch (IndexOutOfBoundsException e) {
            return MALFORMED;
        }
    }

    /** Fields that are not known here are left alone, as proto3 wants it. */
    private static void skip(ByteBuf from, long tag) {
        switch ((int) tag & 7) {
            case 0 -> readVarint(from);
            case 1 -> from.skipBytes(Long.BYTES);
            case 2 -> {
                long length = readVarint(from);
                if (length < 0 || length > from.readableBytes()) {
                    throw new IndexOutOfBoundsException();
                }
                from.skipBytes((int) length);
            }
            case 5 -> from.skipBytes(Integer.BYTES);
            default -> throw new IndexOutOfBoundsException();
        }
    }

    private static long readVarint(ByteBuf from) {
        long value = 0;
        for (int shift = 0; shift < VARINT_BITS; shift += 7) {
            byte next = from.readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException();
    }

    static String name(int status) {
        return switch (status) {
            case MALFORMED -> "not readable";
            case 0 -> "UNKNOWN";
            case SERVING -> "SERVING";
            case 2 -> "NOT_SERVING";
            case 3 -> "SERVICE_UNKNOWN";
            default -> String.valueOf(status);
        };
    }
}
