package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Frames become messages: consecutive frames of one type, the last of which says so. A header message comes whole, at most
 * 4 KiB of it; a data message comes as it arrives, of any length, always to its end.
 *
 * <pre>
 *               HEADER frame            DATA frame              TRAILER frame   end of bytes
 *   HEAD        reads a header          violation               violation       clean between messages
 *   DATA        violation               reads data              violation       cut
 *   EITHER      reads a header          reads data              violation       clean
 * </pre>
 *
 * EITHER follows a request of a data type that does not exist: whether its sender thinks that data follows is not known.
 */
final class MessageReader implements FrameSink {

    private enum Expected {
        HEAD,
        DATA,
        EITHER
    }

    private static final byte[] NOTHING = {};
    private static final int MOST_KNOWN = 512; // longer ones hold the text of an error

    private final MessageSink sink;
    private final boolean requests;
    private Expected expected = Expected.HEAD;
    private boolean within; // a message has begun and not ended
    private boolean last;
    private int missing;
    private byte[] header = NOTHING;
    private int headerLength;
    private byte[] known = NOTHING; // the text of the header before
    private int knownLength;
    private @Nullable CallHeader knownHeader;

    /**
     * A reader.
     *
     * @param requests whether requests are read, or replies
     */
    MessageReader(MessageSink sink, boolean requests) {
        this.sink = sink;
        this.requests = requests;
    }

    @Override
    public boolean isReady() {
        return sink.isReady();
    }

    @Override
    public void frame(FrameType type, boolean isLast, int length) {
        check(type);
        if (type == FrameType.HEADER && headerLength + length > HeaderWriter.MOST) {
            throw Violation.of(
                    "header: " + (headerLength + length) + " bytes (expected: at most " + HeaderWriter.MOST + ")");
        }
        if (expected == Expected.EITHER) {
            expected = type == FrameType.DATA ? Expected.DATA : Expected.HEAD;
        }
        within = true;
        last = isLast;
        missing = length;
        if (length == 0) {
            frameEnds();
        }
    }

    private void check(FrameType type) {
        boolean right = switch (expected) {
            case HEAD -> type == FrameType.HEADER;
            case DATA -> type == FrameType.DATA;
            case EITHER -> type == FrameType.HEADER || type == FrameType.DATA;
        };
        if (!right) {
            throw Violation.of("type of a frame: " + type + " (expected: "
                    + (expected == Expected.DATA ? FrameType.DATA : FrameType.HEADER) + ")");
        }
    }

    @Override
    public void payload(ByteBuf part) {
        int length = part.readableBytes();
        missing -= length;
        if (expected == Expected.DATA) {
            sink.data(part);
        } else {
            if (header.length < headerLength + length) {
                header = Arrays.copyOf(header, headerLength + length);
            }
            part.readBytes(header, headerLength, length);
            part.release();
            headerLength += length;
        }
        if (missing == 0) {
            frameEnds();
        }
    }

    private void frameEnds() {
        if (!last) {
            return;
        }
        within = false;
        if (expected == Expected.DATA) {
            expected = Expected.HEAD;
            sink.dataEnds();
        } else {
            int length = headerLength;
            headerLength = 0;
            CallHeader head = read(length);
            expected = after(head);
            sink.head(head);
        }
    }

    /** Who calls one endpoint again and again sends one header again and again, which is read once. */
    private CallHeader read(int length) {
        CallHeader before = knownHeader;
        if (before != null && Arrays.equals(header, 0, length, known, 0, knownLength)) {
            return before;
        }
        CallHeader head = HeaderReader.read(header, length);
        if (length <= MOST_KNOWN) {
            byte[] free = known;
            known = header;
            knownLength = length;
            knownHeader = head;
            header = free;
        }
        return head;
    }

    private Expected after(CallHeader head) {
        if (requests) {
            boolean known = head.dataType() >= CallHeader.NONE && head.dataType() <= CallHeader.OCTETS;
            return head.hasData() ? Expected.DATA : known ? Expected.HEAD : Expected.EITHER;
        }
        return head.replyHasData() ? Expected.DATA : Expected.HEAD;
    }

    @Override
    public void reset() {
        sink.reset();
    }

    /** What an end of the bytes would cut, or null. */
    @Nullable String cutByEnd() {
        if (within) {
            return (expected == Expected.DATA ? "data" : "header") + " message: its last frame is missing";
        }
        return expected == Expected.DATA ? "data message: all of it is missing" : null;
    }
}
