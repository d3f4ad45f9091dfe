package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Frames become bytes. Headers and small payloads are gathered in one buffer, large payloads pass by reference between two of
 * them, so that a transport that writes gathered sends header and payload at once and without a copy.
 */
final class FrameWriter {

    /** Up to here a copy is cheaper than a buffer of its own in a gathered write. */
    private static final int COPY_LIMIT = 4096;

    private static final int LEAST_CAPACITY = 128;
    private static final int MOST_GATHERED = 64 * 1024;

    private final ByteBufAllocator alloc;
    private final int maxPayload;
    private final Consumer<ByteBuf> out;
    private final @Nullable FrameLog log;
    private @Nullable ByteBuf gathered;
    private int capacity = LEAST_CAPACITY;

    /**
     * A writer.
     *
     * @param maxPayload longer payloads are split
     * @param out takes the buffers and owns them
     */
    FrameWriter(ByteBufAllocator alloc, int maxPayload, Consumer<ByteBuf> out, @Nullable FrameLog log) {
        this.alloc = alloc;
        this.maxPayload = Math.min(maxPayload, FrameReader.MOST_PAYLOAD);
        this.out = out;
        this.log = log;
    }

    /** Writes a payload as one frame, or as more when it is long; takes ownership. */
    void write(FrameType type, boolean last, ByteBuf payload) {
        while (payload.readableBytes() > maxPayload) {
            writeOne(type, false, payload.readRetainedSlice(maxPayload));
        }
        writeOne(type, last, payload);
    }

    private void writeOne(FrameType type, boolean last, ByteBuf payload) {
        int length = payload.readableBytes();
        boolean copied = length <= COPY_LIMIT;
        ByteBuf buffer = room(FrameReader.HEADER_BYTES + (copied ? length : 0));
        buffer.writeByte(type.code()).writeByte(last ? 1 : 0).writeIntLE(length);
        if (log != null) {
            log.frame(type, length);
        }
        if (copied) {
            buffer.writeBytes(payload);
            payload.release();
        } else {
            drain();
            out.accept(payload);
        }
    }

    private ByteBuf room(int length) {
        ByteBuf buffer = gathered;
        if (buffer != null && buffer.readableBytes() + length > MOST_GATHERED) {
            drain();
            buffer = null;
        }
        if (buffer == null) {
            buffer = alloc.directBuffer(Math.max(length, capacity));
            gathered = buffer;
        }
        return buffer;
    }

    /** Hands on what is gathered. */
    void drain() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            // What is sent at once tends to stay the same: grow at once, shrink slowly.
            capacity = Math.max(LEAST_CAPACITY, Math.max(buffer.readableBytes(), capacity - (capacity >> 3)));
            out.accept(buffer);
        }
    }

    /** Drops what is gathered. */
    void discard() {
        ByteBuf buffer = gathered;
        gathered = null;
        if (buffer != null) {
            buffer.release();
        }
    }
}
