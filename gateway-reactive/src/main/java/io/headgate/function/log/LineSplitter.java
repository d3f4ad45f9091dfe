package io.headgate.function.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** Cuts pieces into lines. A line without an end waits for it, up to a bound; beyond it the line goes on as one more. One thread. */
final class LineSplitter {

    /** Takes lines. */
    @FunctionalInterface
    interface Lines {

        /** Borrows a line without its end; {@code ends} is false when more of it follows. */
        void line(ByteBuf line, boolean ends);
    }

    private static final int FIRST = 256;
    private static final byte[] NOTHING = {};

    private final int maxBytes;
    private byte[] waiting = NOTHING;
    private int length;

    LineSplitter(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Borrows a piece, and lends each line that is complete with it, without its end. */
    void split(ByteBuf piece, Lines lines) {
        int from = piece.readerIndex();
        int to = piece.writerIndex();
        while (from < to) {
            int end = piece.indexOf(from, Math.min(to, from + maxBytes - length + 1), (byte) '\n');
            int stop = end >= 0 ? end : Math.min(to, from + maxBytes - length);
            if (end >= 0 && length == 0) {
                emit(piece.slice(from, end - from), true, lines);
            } else {
                keep(piece, from, stop - from);
                if (end >= 0 || length == maxBytes) {
                    flush(end >= 0, lines);
                }
            }
            from = end >= 0 ? end + 1 : stop;
        }
    }

    /** Whether the beginning of a line waits for its end. */
    boolean isMidLine() {
        return length > 0;
    }

    /** Lends what waits, as if it had an end. */
    void flush(Lines lines) {
        if (length > 0) {
            flush(true, lines);
        }
    }

    private void keep(ByteBuf piece, int from, int more) {
        if (waiting.length - length < more) {
            int doubled = Math.min(maxBytes, Math.max(FIRST, waiting.length * 2));
            waiting = Arrays.copyOf(waiting, Math.max(doubled, length + more));
        }
        piece.getBytes(from, waiting, length, more);
        length += more;
    }

    /** An overlong line is not cut within a character. */
    private void flush(boolean whole, Lines lines) {
        int cut = whole ? length : length - unfinished();
        int kept = length - cut;
        emit(Unpooled.wrappedBuffer(waiting, 0, cut), whole, lines);
        System.arraycopy(waiting, cut, waiting, 0, kept);
        length = kept;
    }

    /** Bytes at the end that are the beginning of a character of UTF-8. */
    private int unfinished() {
        for (int back = 1; back <= 3 && back < length; back++) {
            int b = waiting[length - back];
            if ((b & 0xC0) != 0x80) {
                int size = b >= 0 ? 1 : (b & 0xE0) == 0xC0 ? 2 : (b & 0xF0) == 0xE0 ? 3 : (b & 0xF8) == 0xF0 ? 4 : 1;
                return size > back ? back : 0;
            }
        }
        return 0;
    }

    private static void emit(ByteBuf line, boolean ends, Lines lines) {
        boolean returns = ends && line.isReadable() && line.getByte(line.writerIndex() - 1) == '\r';
        lines.line(returns ? line.slice(line.readerIndex(), line.readableBytes() - 1) : line, ends);
    }
}
