package io.headgate.sync.internal.gob;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Writes primitive values, and says how many bytes they take. */
public final class Gob {

    private Gob() {}

    /**
     * Bytes of an unsigned number.
     *
     * @param value all 64 bits count
     * @return 1 to 9
     */
    public static int uintSize(long value) {
        return value >>> 7 == 0 ? 1 : 1 + bytes(value);
    }

    private static int bytes(long value) {
        return (71 - Long.numberOfLeadingZeros(value)) >>> 3;
    }

    /**
     * An unsigned number.
     *
     * @param out gets it
     * @param value all 64 bits count
     */
    public static void uint(ByteBuf out, long value) {
        if (value >>> 7 == 0) {
            out.writeByte((int) value);
            return;
        }
        int bytes = bytes(value);
        out.writeByte(-bytes);
        switch (bytes) {
            case 1 -> out.writeByte((int) value);
            case 2 -> out.writeShort((int) value);
            case 3 -> out.writeMedium((int) value);
            case 4 -> out.writeInt((int) value);
            default -> {
                for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                    out.writeByte((int) (value >>> shift));
                }
            }
        }
    }

    /**
     * Bytes of a signed number.
     *
     * @param value the number
     * @return 1 to 9
     */
    public static int sintSize(long value) {
        return uintSize(fold(value));
    }

    /**
     * A signed number.
     *
     * @param out gets it
     * @param value the number
     */
    public static void sint(ByteBuf out, long value) {
        uint(out, fold(value));
    }

    private static long fold(long value) {
        return value < 0 ? ~value << 1 | 1 : value << 1;
    }

    /**
     * Bytes of a string.
     *
     * @param text the string
     * @return with its length before it
     */
    public static int stringSize(String text) {
        int bytes = ByteBufUtil.utf8Bytes(text);
        return uintSize(bytes) + bytes;
    }

    /**
     * A string.
     *
     * @param out gets its length and its bytes
     * @param text the string
     */
    public static void string(ByteBuf out, String text) {
        int bytes = ByteBufUtil.utf8Bytes(text);
        uint(out, bytes);
        ByteBufUtil.reserveAndWriteUtf8(out, text, bytes);
    }
}
