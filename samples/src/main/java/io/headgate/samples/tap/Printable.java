package io.headgate.samples.tap;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text of strangers for a terminal: it stays on its line and moves no cursor. */
public final class Printable {

    private Printable() {}

    /**
     * Shows what a line does not hold as its code.
     *
     * @param text anything
     * @return a line
     */
    public static String text(CharSequence text) {
        return text(text, false);
    }

    /** The same for text of which each line may be a line. */
    static String lines(CharSequence text) {
        return text(text, true);
    }

    private static String text(CharSequence text, boolean keepLines) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (keepLines && (c == '\n' || c == '\t') || !isDangerous(c)) {
                printable.appendCodePoint(c);
            } else {
                printable.append(c <= 0xff ? String.format("\\x%02x", c) : String.format("\\u%04x", c));
            }
        });
        return printable.toString();
    }

    private static boolean isDangerous(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    static String address(@Nullable InetSocketAddress address) {
        if (address == null) {
            return "-";
        }
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /**
     * The text that some bytes are in UTF-8.
     *
     * @param bytes anything
     * @return null when they are none, or hold what no text holds
     */
    public static @Nullable String utf8(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            boolean binary = text.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t');
            return binary ? null : text;
        } catch (CharacterCodingException notText) {
            return null;
        }
    }
}
