package io.headgate.function.api;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes percent-encoding (RFC 3986 section 2.1), and refuses what is none. */
final class PercentText {

    private PercentText() {}

    /** {@code what} names the text in the message. */
    static String decoded(String text, boolean plusIsSpace, String what) {
        if (text.indexOf('%') < 0 && !(plusIsSpace && text.indexOf('+') >= 0)) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.write(escaped(text, i, what));
                i += 2;
            } else {
                bytes.write(c == '+' && plusIsSpace ? ' ' : c); // heads are of ASCII
            }
        }
        return utf8(bytes.toByteArray(), text, what);
    }

    private static int escaped(String text, int at, String what) {
        int high = at + 2 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
        int low = high < 0 ? -1 : Character.digit(text.charAt(at + 2), 16);
        if (low < 0) {
            throw malformed(text, what, "two hexadecimal digits behind each %");
        }
        return high << 4 | low;
    }

    static String utf8(byte[] bytes, String text, String what) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed(text, what, "UTF-8");
        }
    }

    private static FunctionException malformed(String text, String what, String expected) {
        return new FunctionException(
                ErrorKind.INVALID, what + ": " + Shown.text(text) + " (expected: " + expected + ")");
    }
}
