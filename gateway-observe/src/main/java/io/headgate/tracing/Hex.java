package io.headgate.tracing;

/** Hexadecimal digits in lower case, as trace contexts have them. */
final class Hex {

    private Hex() {}

    /** The value of a digit, or -1. */
    static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    static boolean isHex(CharSequence text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (digit(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Digits that are not all zero, which would mean none. */
    static boolean isId(CharSequence text, int from, int to) {
        int bits = 0;
        for (int i = from; i < to; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                return false;
            }
            bits |= digit;
        }
        return bits != 0;
    }
}
