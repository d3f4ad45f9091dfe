package io.headgate.sync.internal.gob;

import io.headgate.sync.internal.gob.SyncWireException.Reason;
import java.nio.charset.StandardCharsets;

/** The primitive values of one frame, one after the other; knows no types. */
public final class GobReader {

    private static final byte[] NOTHING = {};

    private byte[] data = NOTHING;
    private int at;
    private int end;

    GobReader() {}

    void open(byte[] bytes, int from, int length) {
        data = bytes;
        at = from;
        end = from + length;
    }

    void close() {
        open(NOTHING, 0, 0);
    }

    int remaining() {
        return end - at;
    }

    /**
     * An unsigned number.
     *
     * @return all 64 bits of it
     */
    public long uint() {
        if (at >= end) {
            throw truncated("number", 1);
        }
        int first = data[at++];
        if (first >= 0) {
            return first;
        }
        int bytes = -first;
        if (bytes > Long.BYTES) {
            throw new SyncWireException(
                    Reason.BAD_NUMBER, "bytes of a number: " + bytes + " (expected: at most " + Long.BYTES + ")");
        }
        if (end - at < bytes) {
            throw truncated("number", bytes);
        }
        long value = 0;
        for (int left = bytes; left > 0; left--) {
            value = value << 8 | data[at++] & 0xff;
        }
        return value;
    }

    /**
     * A signed number.
     *
     * @return the number
     */
    public long sint() {
        long folded = uint();
        return (folded & 1) == 0 ? folded >>> 1 : ~(folded >>> 1);
    }

    /**
     * A truth value.
     *
     * @return the value
     */
    public boolean bool() {
        long value = uint();
        if (value >>> 1 != 0) {
            throw new SyncWireException(
                    Reason.BAD_VALUE, "bool: " + Long.toUnsignedString(value) + " (expected: 0 or 1)");
        }
        return value == 1;
    }

    /**
     * A floating point number.
     *
     * @return the number
     */
    public double real() {
        return Double.longBitsToDouble(Long.reverseBytes(uint()));
    }

    /**
     * A string. Bytes that are no UTF-8 become replacement characters.
     *
     * @return the string
     */
    public String string() {
        int length = length("string");
        String text = length == 0 ? "" : new String(data, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    /**
     * Some bytes.
     *
     * @return a copy
     */
    public byte[] bytes() {
        int length = length("bytes");
        byte[] copy = new byte[length];
        System.arraycopy(data, at, copy, 0, length);
        at += length;
        return copy;
    }

    String name(int most) {
        int before = at;
        long length = uint();
        if (Long.compareUnsigned(length, most) > 0) {
            throw new SyncWireException(
                    Reason.NAME_TOO_LONG,
                    "bytes of a name: " + Long.toUnsignedString(length) + " (expected: at most " + most + ")");
        }
        at = before;
        return string();
    }

    void skipBytes() {
        int length = length("bytes"); // moves on itself, so not in one expression
        at += length;
    }

    int length(String what) {
        long length = uint();
        if (length < 0 || length > end - at) {
            throw truncated(what, length);
        }
        return (int) length;
    }

    /** How many elements follow, each of which takes a byte at least. */
    int count(int most) {
        long count = uint();
        if (count < 0 || count > end - at || count > most) {
            throw new SyncWireException(
                    Reason.BAD_COUNT,
                    "elements: " + Long.toUnsignedString(count) + " (expected: at most " + Math.min(most, end - at)
                            + ")");
        }
        return (int) count;
    }

    /** Whether exactly these bytes come next; passes them if so. */
    boolean passes(byte[] expected) {
        int length = expected.length;
        if (end - at < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (data[at + i] != expected[i]) {
                return false;
            }
        }
        at += length;
        return true;
    }

    private SyncWireException truncated(String what, long bytes) {
        return new SyncWireException(
                Reason.TRUNCATED,
                what + ": " + Long.toUnsignedString(bytes) + " bytes (expected: at most the " + (end - at)
                        + " that are left in the frame)");
    }
}
