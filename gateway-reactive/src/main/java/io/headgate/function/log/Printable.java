package io.headgate.function.log;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Text that cannot do anything to who reads it: a function must not be able to forge lines or to move the cursor of a terminal. */
final class Printable {

    private Printable() {}

    /** Reads UTF-8; what is none becomes U+FFFD, and control characters other than tabs are shown as Java writes them. */
    static String of(ByteBuf utf8) {
        String text = utf8.toString(StandardCharsets.UTF_8);
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return escaped(text, i);
            }
        }
        return text;
    }

    private static String escaped(String text, int from) {
        StringBuilder safe = new StringBuilder(text.length() + 16).append(text, 0, from);
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    /** U+2028 and U+2029 end lines for some readers as well. */
    private static boolean isControl(char c) {
        return c != '\t' && (Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
    }
}
