package io.headgate.rpc.zrepl;

import io.headgate.rpc.RpcException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a header, strictly: one object with each of the five fields once, in any order, of the right types, and nothing after
 * it but blanks. It knows no other JSON, which is why it is here instead of a library: a fixed record, of strangers.
 */
final class HeaderReader {

    private static final String[] NAMES = {"Endpoint", "DataType", "Accept", "Error", "ErrorMessage"};

    private final String text;
    private int at;
    private String endpoint = "";
    private long dataType;
    private long accept;
    private long error;
    private String errorMessage = "";

    private HeaderReader(String text) {
        this.text = text;
    }

    /** The header in the first bytes of an array. */
    static CallHeader read(byte[] bytes, int length) {
        return new HeaderReader(text(bytes, length)).header();
    }

    /** Nearly every header is ASCII, for which no decoder is made. */
    private static String text(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] < 0) {
                return decoded(bytes, length);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static String decoded(byte[] bytes, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Violation.of("header: " + length + " bytes that are not UTF-8 (expected: a JSON object in UTF-8)");
        }
    }

    private CallHeader header() {
        int seen = 0;
        expect('{');
        for (int i = 0; i < NAMES.length; i++) {
            if (i > 0) {
                expect(',');
            }
            int field = field();
            if ((seen & 1 << field) != 0) {
                throw wrong("one field of the name " + NAMES[field]);
            }
            seen |= 1 << field;
            expect(':');
            value(field);
        }
        expect('}');
        blanks();
        if (at < text.length()) {
            throw wrong("the end of the header");
        }
        return new CallHeader(endpoint, (int) dataType, (int) accept, error, errorMessage);
    }

    private void value(int field) {
        switch (field) {
            case 0 -> endpoint = string();
            case 1 -> dataType = number(255);
            case 2 -> accept = number(255);
            case 3 -> error = number(Long.MIN_VALUE);
            default -> errorMessage = string();
        }
    }

    private int field() {
        expect('"');
        for (int i = 0; i < NAMES.length; i++) {
            int end = at + NAMES[i].length();
            if (text.startsWith(NAMES[i], at) && end < text.length() && text.charAt(end) == '"') {
                at = end + 1;
                return i;
            }
        }
        throw wrong("one of the fields " + String.join(", ", NAMES));
    }

    /** Digits, up to a limit that is unsigned as they are: the least negative number stands for no limit. */
    private long number(long most) {
        blanks();
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start || (at > start + 1 && text.charAt(start) == '0')) {
            throw wrong("a number");
        }
        long value = at == start + 1 ? text.charAt(start) - '0' : unsigned(start, most);
        if (most > 0 && Long.compareUnsigned(value, most) > 0) {
            throw tooLong(most);
        }
        return value;
    }

    private long unsigned(int start, long most) {
        try {
            return Long.parseUnsignedLong(text, start, at, 10);
        } catch (NumberFormatException e) {
            throw tooLong(most);
        }
    }

    private RpcException tooLong(long most) {
        return wrong("a number of " + (most > 0 ? 8 : 64) + " bits");
    }

    private String string() {
        expect('"');
        int start = at;
        char c = next();
        while (c != '"' && c != '\\' && c >= 0x20) {
            c = next();
        }
        String plain = text.substring(start, at - 1);
        return c == '"' ? plain : withEscapes(new StringBuilder(plain), c);
    }

    private String withEscapes(StringBuilder value, char first) {
        for (char c = first; c != '"'; c = next()) {
            if (c < 0x20) {
                throw wrong("no control characters in a string");
            }
            value.append(c == '\\' ? escaped() : c);
        }
        return value.toString();
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int value = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) {
                        throw wrong("four digits of base 16");
                    }
                    value = value << 4 | digit;
                }
                yield (char) value;
            }
            default -> throw wrong("an escape of JSON");
        };
    }

    private void expect(char wanted) {
        blanks();
        if (next() != wanted) {
            at--;
            throw wrong("'" + wanted + "'");
        }
    }

    private char next() {
        if (at == text.length()) {
            throw wrong("more");
        }
        return text.charAt(at++);
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private RpcException wrong(String expected) {
        String shown = text.length() <= 80 ? text : text.substring(0, 80) + "...";
        return Violation.of("header: " + shown.strip() + " (expected: " + expected + " before position " + at + ")");
    }
}
