package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Writes headers as the original does, by the rules of Go's JSON encoder: no blanks, a newline at the end, and {@code <},
 * {@code >}, {@code &} and the two line separators of Unicode escaped. By hand, because the text must be cut to fit after it
 * was escaped, and because five fields are no reason for a JSON library.
 */
final class HeaderWriter {

    /** Most bytes of a header message. */
    static final int MOST = 4096;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_OF_A_CHARACTER = 6;
    private static final int END = 3; // "}\n, and the blank of whole()

    private HeaderWriter() {}

    /** Writes a header; an error text that does not fit is cut at a character. */
    static void write(CallHeader header, ByteBuf out) {
        int start = out.writerIndex();
        ascii(out, "{\"Endpoint\":\"");
        text(header.endpoint(), out, start + MOST);
        ascii(out, "\",\"DataType\":");
        number(header.dataType(), out);
        ascii(out, ",\"Accept\":");
        number(header.accept(), out);
        ascii(out, ",\"Error\":");
        number(header.error(), out);
        ascii(out, ",\"ErrorMessage\":\"");
        text(header.errorMessage(), out, start + MOST - END - 1);
        ascii(out, "\"");
        if (stopsTheOriginal(out.writerIndex() - start + 1)) {
            ascii(out, " ");
        }
        ascii(out, "}\n");
    }

    /**
     * Whether the original's decoder has filled its buffer with the closing brace: it stops there, and takes the newline for
     * the begin of the next frame. A blank before the brace gets both of them past that.
     */
    private static boolean stopsTheOriginal(int length) {
        return length == 512 || length == 1536 || length == 3584;
    }

    /** Writes as many characters as end before a position. */
    private static void text(String text, ByteBuf out, int limit) {
        for (int i = 0; i < text.length(); i++) {
            if (out.writerIndex() + MOST_OF_A_CHARACTER > limit) {
                return;
            }
            char c = text.charAt(i);
            if (c < 0x80) {
                ascii(c, out);
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                ByteBufUtil.writeUtf8(out, text, i, i + 2);
                i++;
            } else if (Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
                escape(Character.isSurrogate(c) ? 0xfffd : c, out);
            } else {
                ByteBufUtil.writeUtf8(out, text, i, i + 1);
            }
        }
    }

    /** Nearly every number has one digit, for which no text is made. */
    private static void number(long value, ByteBuf out) {
        if (value >= 0 && value < 10) {
            out.writeByte('0' + (int) value);
        } else {
            ascii(out, Long.toUnsignedString(value));
        }
    }

    private static void ascii(char c, ByteBuf out) {
        switch (c) {
            case '"', '\\' -> out.writeByte('\\').writeByte(c);
            case '\n' -> out.writeByte('\\').writeByte('n');
            case '\r' -> out.writeByte('\\').writeByte('r');
            case '\t' -> out.writeByte('\\').writeByte('t');
            case '<', '>', '&' -> escape(c, out);
            default -> {
                if (c < 0x20) {
                    escape(c, out);
                } else {
                    out.writeByte(c);
                }
            }
        }
    }

    private static void escape(int c, ByteBuf out) {
        out.writeByte('\\').writeByte('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.writeByte(HEX[c >> shift & 15]);
        }
    }

    private static void ascii(ByteBuf out, String text) {
        ByteBufUtil.writeAscii(out, text);
    }

    /** A header as bytes, for tests and logs. */
    static String text(CallHeader header) {
        ByteBuf out = Unpooled.buffer(128);
        write(header, out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
