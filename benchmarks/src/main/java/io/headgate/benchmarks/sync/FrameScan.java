package io.headgate.benchmarks.sync;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the ends of what a server sends without decoding it, so that a client costs little beside what is measured: steps from
 * frame to frame, or from chunk to chunk, and looks only into those that are short, or into all of them when it is to read
 * time stamps. For one thread.
 */
final class FrameScan {

    /** What is found on the way. */
    interface Finder {
        /** The decoder is to be restarted; whether what follows is compressed. */
        void restarts(boolean compressed);

        /** A status. */
        void status();

        /** Any other frame, or what was in a chunk: all of it when it was looked into, else how it ends. */
        void other(byte[] content, int length);
    }

    private static final int SHORT = 256;
    private static final int TAIL = 96;
    private static final byte[] RESTART = ascii("syncproto.MsgDecoderRestart");
    private static final byte[] STATUS = ascii("syncproto.MsgSyncStatus");
    private static final byte[] SNAPPY = ascii("snappy");

    private final Finder finder;
    private final boolean looksIntoAll;
    private byte[] content = new byte[4 * SHORT];
    private final byte[] head = new byte[9];
    private int headLength;
    private int length = -1;
    private int taken;
    private boolean chunks;
    private int kind;
    private long chunkBytes;

    FrameScan(Finder finder, boolean looksIntoAll) {
        this.finder = finder;
        this.looksIntoAll = looksIntoAll;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Takes what was read; borrows the buffer. */
    void take(ByteBuf in) {
        while (in.isReadable()) {
            if (length < 0) {
                head[headLength++] = in.readByte();
                parseHead();
                continue;
            }
            int unseen = keptFrom() - taken;
            int count = Math.min(unseen > 0 ? unseen : length - taken, in.readableBytes());
            if (unseen > 0) {
                in.skipBytes(count);
            } else {
                int at = taken - keptFrom();
                if (content.length < at + count) {
                    content = Arrays.copyOf(content, Math.max(at + count, 2 * content.length));
                }
                in.readBytes(content, at, count);
            }
            taken += count;
            if (taken == length) {
                int size = length;
                length = -1;
                taken = 0;
                headLength = 0;
                end(size);
            }
        }
    }

    private boolean isSeenWhole(int size) {
        return looksIntoAll || size <= (chunks ? 4 * SHORT : SHORT);
    }

    private int keptFrom() {
        return isSeenWhole(length) ? 0 : length - TAIL;
    }

    private void parseHead() {
        if (chunks) {
            if (headLength == 4) {
                kind = head[0] & 255;
                length = head[1] & 255 | (head[2] & 255) << 8 | (head[3] & 255) << 16;
            }
            return;
        }
        int first = head[0];
        if (first >= 0) {
            length = first;
        } else if (headLength == 1 - first) {
            length = 0;
            for (int i = 1; i < headLength; i++) {
                length = length << 8 | head[i] & 255;
            }
        }
    }

    /** How many bytes of whole chunks there were. */
    long chunkBytes() {
        return chunkBytes;
    }

    private void end(int size) {
        if (chunks) {
            chunkBytes += 4 + size;
        }
        if (chunks && (kind > 1 || !isSeenWhole(size))) {
            return;
        }
        if (!isSeenWhole(size)) {
            finder.other(content, TAIL);
            return;
        }
        byte[] bytes = content;
        int count = size;
        if (chunks) {
            ByteBuf plain = Unpooled.buffer(4 * size);
            ByteBuf packed = Unpooled.wrappedBuffer(content, 4, size - 4);
            if (kind == 0) {
                new Snappy().decode(packed, plain);
            } else {
                plain.writeBytes(packed);
            }
            bytes = plain.array();
            count = plain.readableBytes();
        }
        boolean mayTell = chunks || count <= SHORT;
        if (mayTell && indexOf(bytes, 0, count, RESTART) >= 0) {
            chunks = indexOf(bytes, 0, count, SNAPPY) >= 0;
            finder.restarts(chunks);
        } else if (mayTell && indexOf(bytes, 0, count, STATUS) >= 0) {
            finder.status();
        } else {
            finder.other(bytes, count);
        }
    }

    static int indexOf(byte[] in, int from, int to, byte[] what) {
        for (int at = from; at + what.length <= to; at++) {
            int same = 0;
            while (same < what.length && in[at + same] == what[same]) {
                same++;
            }
            if (same == what.length) {
                return at;
            }
        }
        return -1;
    }
}
