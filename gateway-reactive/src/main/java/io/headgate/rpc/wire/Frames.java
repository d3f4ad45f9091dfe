package io.headgate.rpc.wire;

import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * What is in the frames; each is written whole, with its header as {@link FrameDecoder} draws it.
 *
 * <pre>
 *   HEADER   of a call:   u8 content, u8 accept, u64 time left in microseconds (0: no deadline), u8 length, endpoint, metadata
 *            of a reply:  u8 content, metadata                 flag END: no element follows, and no TRAILER
 *   DATA     an element, or a part of one                      flags END, MORE, VOID
 *   TRAILER  u8 status, u16 length, text, metadata             ends a reply
 *   ERROR    u8 status, text                                   flag UNPROCESSED; on stream 0 it ends the connection
 *   CANCEL   nothing
 *   CREDIT   u32 elements (all ones: without end), u32 bytes   on stream 0 bytes only
 *   PING     8 bytes, which the answer repeats                 flag ACK
 *   GOAWAY   u32 id of the last call accepted, text
 *   BYE      nothing
 * </pre>
 */
final class Frames {

    /** Elements without end, in a CREDIT. */
    static final long UNBOUNDED = 0xffffffffL;

    private static final Content[] CONTENTS = Content.values();

    private Frames() {}

    /**
     * The HEADER of a call, as it was read.
     *
     * @param microsLeft until its deadline; zero for none
     */
    record Call(Content content, Content accept, long microsLeft, String endpoint, Fields fields) {}

    /** A TRAILER or ERROR, as it was read. */
    record End(RpcStatus status, String text, Fields fields) {

        RpcException failure(boolean unprocessed) {
            return RpcException.remote(status, text, unprocessed);
        }
    }

    static void header(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeInt(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    static int callSize(RpcRequest request) {
        return 11 + ByteBufUtil.utf8Bytes(request.endpoint()) + Metadata.size(request.fields());
    }

    static void call(ByteBuf out, int flags, int stream, RpcRequest request, long nanosLeft, int size) {
        header(out, size, FrameType.HEADER, flags, stream);
        out.writeByte(request.content().ordinal()).writeByte(request.accept().ordinal());
        out.writeLong(nanosLeft == Long.MAX_VALUE ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMicros(nanosLeft)));
        out.writeByte(ByteBufUtil.utf8Bytes(request.endpoint()));
        out.writeCharSequence(request.endpoint(), StandardCharsets.UTF_8);
        Metadata.write(out, request.fields());
    }

    static Call readCall(ByteBuf in) {
        if (in.readableBytes() < 11) {
            throw tooShort("HEADER of a call", in, 11);
        }
        Content content = content(in);
        Content accept = content(in);
        long micros = in.readLong();
        int length = in.readUnsignedByte();
        if (micros < 0 || length == 0 || length > in.readableBytes()) {
            throw new WireViolation("HEADER of a call: time left " + Long.toUnsignedString(micros) + " us, endpoint of "
                    + length + " bytes, " + in.readableBytes()
                    + " bytes left (expected: less than 2^63 us, 1..255 bytes)");
        }
        String endpoint = Texts.received(in, length);
        return new Call(content, accept, micros, endpoint, Metadata.read(in, "HEADER"));
    }

    static int replySize(Fields fields) {
        return 1 + Metadata.size(fields);
    }

    static void reply(ByteBuf out, int flags, int stream, Content content, Fields fields) {
        header(out, replySize(fields), FrameType.HEADER, flags, stream);
        out.writeByte(content.ordinal());
        Metadata.write(out, fields);
    }

    /** The content of the HEADER of a reply; its metadata is what is left. */
    static Content content(ByteBuf in) {
        if (!in.isReadable()) {
            throw tooShort("HEADER", in, 1);
        }
        int number = in.readUnsignedByte();
        if (number >= CONTENTS.length) {
            throw new WireViolation("content: " + number + " (expected: 0.." + (CONTENTS.length - 1) + ")");
        }
        return CONTENTS[number];
    }

    static int trailerSize(String text, Fields fields) {
        return 3 + ByteBufUtil.utf8Bytes(text) + Metadata.size(fields);
    }

    static void trailer(ByteBuf out, int stream, RpcStatus status, String text, Fields fields) {
        header(out, trailerSize(text, fields), FrameType.TRAILER, 0, stream);
        out.writeByte(status.number());
        out.writeShort(ByteBufUtil.utf8Bytes(text));
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        Metadata.write(out, fields);
    }

    static End readTrailer(ByteBuf in) {
        if (in.readableBytes() < 3) {
            throw tooShort("TRAILER", in, 3);
        }
        RpcStatus status = status(in);
        int length = in.readUnsignedShort();
        if (length > in.readableBytes()) {
            throw tooShort("TRAILER", in, length);
        }
        return new End(status, Texts.received(in, length), Metadata.read(in, "TRAILER"));
    }

    static void error(ByteBuf out, int flags, int stream, RpcStatus status, String text) {
        header(out, 1 + ByteBufUtil.utf8Bytes(text), FrameType.ERROR, flags, stream);
        out.writeByte(status.number());
        out.writeCharSequence(text, StandardCharsets.UTF_8);
    }

    static End readError(ByteBuf in) {
        if (!in.isReadable()) {
            throw tooShort("ERROR", in, 1);
        }
        RpcStatus status = status(in);
        if (status == RpcStatus.OK) {
            throw new WireViolation("status of ERROR: 0 (expected: 1..16)");
        }
        return new End(status, Texts.received(in, in.readableBytes()), Fields.empty());
    }

    private static RpcStatus status(ByteBuf in) {
        int number = in.readUnsignedByte();
        RpcStatus status = RpcStatus.of(number);
        if (status == null) {
            throw new WireViolation("status: " + number + " (expected: 0..16)");
        }
        return status;
    }

    static void cancel(ByteBuf out, int stream) {
        header(out, 0, FrameType.CANCEL, 0, stream);
    }

    static void credit(ByteBuf out, int stream, long elements, int bytes) {
        header(out, 8, FrameType.CREDIT, 0, stream);
        out.writeInt((int) elements).writeInt(bytes);
    }

    static void ping(ByteBuf out, int flags, long data) {
        header(out, 8, FrameType.PING, flags, 0);
        out.writeLong(data);
    }

    static void goAway(ByteBuf out, int lastStream, String reason) {
        header(out, 4 + ByteBufUtil.utf8Bytes(reason), FrameType.GOAWAY, 0, 0);
        out.writeInt(lastStream);
        out.writeCharSequence(reason, StandardCharsets.UTF_8);
    }

    static WireViolation tooShort(String frame, ByteBuf in, int expected) {
        return new WireViolation(
                frame + ": " + in.readableBytes() + " bytes left (expected: at least " + expected + ")");
    }
}
