package io.headgate.accesslog;

/** Makes text safe to be part of a line: what clients sent must not end it, start another one, or talk to a terminal. */
final class Characters {

    /** The most characters of one value that a line holds; what is cut off is marked. */
    static final int MOST = 2048;

    private static final String CUT = "...";
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final String C_NAMES = "btnvfr"; // of the control characters from 0x08 on

    private Characters() {}

    /** Appends a value as Apache does: quotes and backslashes after a backslash, white space as in C, other bytes as \xhh. */
    static void apache(CharSequence value, StringBuilder line) {
        int end = Math.min(value.length(), MOST);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            if (c >= 0x20 && c < 0x7f) {
                if (c == '"' || c == '\\') {
                    line.append('\\');
                }
                line.append(c);
            } else if (c >= '\b' && c <= '\r' && c != '\f') {
                line.append('\\').append(C_NAMES.charAt(c - '\b'));
            } else {
                bytes(c, line);
            }
        }
        markCut(value, line);
    }

    /** Fields are ISO 8859-1, a byte for each character; anything else is of this process and goes as UTF-16, high byte first. */
    private static void bytes(char c, StringBuilder line) {
        if (c > 0xff) {
            line.append("\\x").append(HEX[c >> 12]).append(HEX[c >> 8 & 0xf]);
        }
        line.append("\\x").append(HEX[c >> 4 & 0xf]).append(HEX[c & 0xf]);
    }

    /** Appends a value as a string of JSON, in ASCII. */
    static void json(CharSequence value, StringBuilder line) {
        line.append('"');
        int end = Math.min(value.length(), MOST);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            if (c < 0x20 || c >= 0x7f) {
                line.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 0xf]);
                line.append(HEX[c >> 4 & 0xf]).append(HEX[c & 0xf]);
            } else {
                if (c == '"' || c == '\\') {
                    line.append('\\');
                }
                line.append(c);
            }
        }
        markCut(value, line);
        line.append('"');
    }

    private static void markCut(CharSequence value, StringBuilder line) {
        if (value.length() > MOST) {
            line.append(CUT);
        }
    }

    /** Takes out of a whole line what no line may hold, whichever format made it: control characters and ends of lines. */
    static void mask(StringBuilder line) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c < 0x20 && c != '\t' || c >= 0x7f && c < 0xa0 || c == '\u2028' || c == '\u2029') {
                line.setCharAt(i, '?');
            }
        }
    }
}
