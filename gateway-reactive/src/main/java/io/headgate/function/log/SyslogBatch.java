package io.headgate.function.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** Messages that are shipped together, and kept until the system has taken them. */
final class SyslogBatch {

    private static final int MOST_STREAM = 64 * 1024;
    private static final int MOST_COUNT = 12; // digits and a blank

    private final boolean stream;
    private final List<byte[]> messages = new ArrayList<>();
    private int bytes;
    private volatile int lines; // without notices

    SyslogBatch(boolean stream) {
        this.stream = stream;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    boolean isFull() {
        return stream ? bytes >= MOST_STREAM : !messages.isEmpty();
    }

    int lines() {
        return lines;
    }

    void addNotice(byte[] message) {
        messages.add(message);
        bytes += message.length + MOST_COUNT;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void addLine(byte[] message) {
        addNotice(message);
        lines++;
    }

    /** A new buffer with all of them: with their lengths before them on a stream (RFC 6587 section 3.4.1), else one alone. */
    ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(bytes);
        for (byte[] message : messages) {
            if (stream) {
                ByteBufUtil.writeAscii(out, message.length + " ");
            }
            out.writeBytes(message);
        }
        return out;
    }

    void clear() {
        messages.clear();
        bytes = 0;
        lines = 0;
    }
}
