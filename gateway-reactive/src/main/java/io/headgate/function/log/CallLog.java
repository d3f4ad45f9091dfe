package io.headgate.function.log;

import io.headgate.function.driver.InstanceOutput;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a function printed during one call, up to a bound. What comes after that is dropped, and a last line says how much. It holds no
 * buffer, and no memory before the first piece.
 *
 * <p><b>Threading.</b> Any thread may print and read.
 */
public final class CallLog implements InstanceOutput {

    /** What is kept of one call: 1 MiB, as the Fn server does. */
    public static final int DEFAULT_MAX_BYTES = 1024 * 1024;

    private static final int FIRST = 512; // most calls print a line or two
    private static final byte[] NOTHING = {};

    private final int maxBytes;
    private byte[] bytes = NOTHING; // guarded by this, as all below
    private int length;
    private long missing;

    private CallLog(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * An empty log with the usual bound.
     *
     * @return the log
     */
    public static CallLog create() {
        return new CallLog(DEFAULT_MAX_BYTES);
    }

    /**
     * An empty log.
     *
     * @param maxBytes what is kept at most, without the line that says what is not; 0 for nothing
     * @return the log
     */
    public static CallLog of(int maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: 0 or more)");
        }
        return new CallLog(maxBytes);
    }

    @Override
    public synchronized void print(ByteBuf piece) {
        int room = missing > 0 ? 0 : maxBytes - length; // nothing behind a gap
        int taken = Math.min(room, piece.readableBytes());
        if (taken > 0) {
            makeRoom(taken);
            piece.getBytes(piece.readerIndex(), bytes, length, taken);
            length += taken;
        }
        missing += piece.readableBytes() - taken;
    }

    private void makeRoom(int more) {
        if (bytes.length - length < more) {
            int doubled = (int) Math.min(maxBytes, Math.max(FIRST, bytes.length * 2L));
            bytes = Arrays.copyOf(bytes, Math.max(doubled, length + more));
        }
    }

    /**
     * What was printed so far.
     *
     * @return a copy; when it was cut, with a last line that says so
     */
    public synchronized byte[] bytes() {
        if (missing == 0) {
            return Arrays.copyOf(bytes, length);
        }
        boolean midLine = length > 0 && bytes[length - 1] != '\n';
        byte[] note = ((midLine ? "\n" : "") + "[cut: " + missing + " bytes more]\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(bytes, length + note.length);
        System.arraycopy(note, 0, all, length, note.length);
        return all;
    }

    /**
     * Tells whether something is missing.
     *
     * @return true when more than the bound was printed
     */
    public synchronized boolean isCut() {
        return missing > 0;
    }

    @Override
    public synchronized String toString() {
        return "CallLog[" + length + " bytes" + (missing > 0 ? ", " + missing + " more cut" : "") + "]";
    }
}
