package io.headgate.rpc.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Texts for people, cut to what may be sent. */
final class Texts {

    private Texts() {}

    /** A text that takes at most some bytes of UTF-8, cut between characters. */
    static String cut(String text, int maxBytes) {
        if (text.length() * 3 <= maxBytes || ByteBufUtil.utf8Bytes(text) <= maxBytes) {
            return text;
        }
        int bytes = 0;
        int end = 0;
        while (end < text.length()) {
            int point = text.codePointAt(end);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > maxBytes - 3) { // leaves room for the mark
                break;
            }
            end += Character.charCount(point);
        }
        return text.substring(0, end) + "...";
    }

    /** A text of the other side, as it may be shown and logged. */
    static String received(ByteBuf in, int length) {
        String text = in.toString(in.readerIndex(), length, StandardCharsets.UTF_8);
        in.skipBytes(length);
        return text;
    }

    /** The beginning of what was found, with what cannot be printed escaped. */
    static String printable(CharSequence text, int most) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), most); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x7f) {
                shown.append(String.format("\\x%02x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return text.length() > most ? shown.append("...").toString() : shown.toString();
    }
}
