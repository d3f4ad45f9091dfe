package io.headgate.samples.bench;

import java.nio.ByteBuffer;

/**
 * An order for a raw stream.
 *
 * @param source what the sender does for each frame
 * @param frame bytes of each frame
 * @param bytes bytes in all, a multiple of {@code frame}
 */
record Download(Source source, int frame, long bytes) {

    static final int ENCODED = 1 + 4 + 8;

    /** Whole frames only: all contenders send the same. */
    static Download of(Source source, int frame, long atLeast) {
        return new Download(source, frame, Math.max(1, (atLeast + frame - 1) / frame) * frame);
    }

    long frames() {
        return bytes / frame;
    }

    byte[] encode() {
        return ByteBuffer.allocate(ENCODED)
                .put((byte) source.ordinal())
                .putInt(frame)
                .putLong(bytes)
                .array();
    }

    static Download decode(ByteBuffer encoded) {
        return new Download(Source.values()[encoded.get()], encoded.getInt(), encoded.getLong());
    }

    void check(long received) {
        if (received != bytes) {
            throw new IllegalStateException("received: " + received + " bytes (expected: " + bytes + ")");
        }
    }
}
