package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes become frames. Payload is handed on as it arrives, by slices of what was read and without a copy, so a frame of 4 MiB
 * takes no more memory than one of a byte. What the sink is not ready for waits here as the bytes that it was read as.
 *
 * <pre>
 *   offset  width
 *   0       1      type: 0x01 header, 0x02 data, 0x03 trailer, 0xff RST
 *   1       1      whether the message ends with this frame: 0 no, else yes
 *   2       4      length of the payload, little endian, at most 4 MiB
 *   6       n      payload
 * </pre>
 */
final class FrameReader {

    static final int HEADER_BYTES = 6;
    static final int MOST_PAYLOAD = 4 << 20;

    private final FrameSink sink;
    private final @Nullable FrameLog log;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);
    private long heldBytes;
    private int missing; // of the payload of the current frame
    private boolean reading;

    FrameReader(FrameSink sink, @Nullable FrameLog log) {
        this.sink = sink;
        this.log = log;
    }

    /** More bytes; takes ownership. They are looked at by {@link #advance}. */
    void add(ByteBuf bytes) {
        if (bytes.isReadable()) {
            held.add(bytes);
            heldBytes += bytes.readableBytes();
        } else {
            bytes.release();
        }
    }

    /** Hands on what the sink is ready for. Called from within itself it does nothing, because the outer call goes on. */
    void advance() {
        if (reading) {
            return;
        }
        reading = true;
        try {
            boolean moved = true;
            while (moved) {
                moved = missing > 0 ? heldBytes > 0 && payload() : heldBytes >= HEADER_BYTES && header();
            }
        } finally {
            reading = false;
        }
    }

    /** Bytes that wait for the sink, or for the rest of a frame's header. */
    long heldBytes() {
        return heldBytes;
    }

    /** Whether all that was added has been handed on, but for the begin of a frame's header. */
    boolean needsMore() {
        return heldBytes == 0 || (missing == 0 && heldBytes < HEADER_BYTES);
    }

    /** What an end of the bytes would cut, or null. */
    @Nullable String cutByEnd() {
        if (missing > 0) {
            return "payload of a frame: " + missing + " bytes are missing";
        }
        return heldBytes > 0 ? "header of a frame: " + heldBytes + " bytes (expected: " + HEADER_BYTES + ")" : null;
    }

    /** Drops what is held. */
    void discard() {
        heldBytes = 0;
        missing = 0;
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            bytes.release();
        }
    }

    private boolean header() {
        long next = peek();
        int code = (int) next & 0xff;
        if (code == FrameType.RST.code()) {
            skipHeader();
            log(FrameType.RST, 0);
            sink.reset();
            return true;
        }
        if (!sink.isReady()) {
            return false;
        }
        boolean last = (next & 0xff00) != 0;
        long length = next >>> 16;
        FrameType type = FrameType.of(code);
        if (type == null) {
            throw Violation.of("type of a frame: 0x" + Integer.toHexString(code) + " (expected: 0x1, 0x2 or 0xff)");
        }
        if (length > MOST_PAYLOAD) {
            throw Violation.of("length of a frame: " + length + " (expected: at most " + MOST_PAYLOAD + ")");
        }
        skipHeader();
        missing = (int) length;
        log(type, missing);
        sink.frame(type, last, missing);
        return true;
    }

    private boolean payload() {
        if (!sink.isReady()) {
            return false;
        }
        ByteBuf first = held.element();
        int length = Math.min(first.readableBytes(), missing);
        ByteBuf part = length == first.readableBytes() ? held.remove() : first.readRetainedSlice(length);
        heldBytes -= length;
        missing -= length;
        sink.payload(part);
        return true;
    }

    /** The next header as one number, its first byte the lowest. It may lie over several buffers. */
    private long peek() {
        ByteBuf first = held.element();
        if (first.readableBytes() >= HEADER_BYTES) {
            int at = first.readerIndex();
            return first.getUnsignedShortLE(at) | first.getUnsignedIntLE(at + 2) << 16;
        }
        long header = 0;
        int shift = 0;
        for (ByteBuf bytes : held) {
            for (int at = bytes.readerIndex(); at < bytes.writerIndex() && shift < 8 * HEADER_BYTES; at++) {
                header |= (long) bytes.getUnsignedByte(at) << shift;
                shift += 8;
            }
        }
        return header;
    }

    private void skipHeader() {
        heldBytes -= HEADER_BYTES;
        int left = HEADER_BYTES;
        while (left > 0) {
            ByteBuf first = held.element();
            int length = Math.min(left, first.readableBytes());
            first.skipBytes(length);
            left -= length;
            if (!first.isReadable()) {
                held.remove().release();
            }
        }
    }

    private void log(FrameType type, int length) {
        if (log != null) {
            log.frame(type, length);
        }
    }
}
