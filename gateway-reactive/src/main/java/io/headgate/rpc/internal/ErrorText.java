package io.headgate.rpc.internal;

import io.netty.buffer.ByteBufUtil;

/** Cuts texts of errors to what may be sent. */
public final class ErrorText {

    private ErrorText() {}

    /** The longest beginning of a text that fits in so many bytes of UTF-8, cut between characters. */
    public static String cut(String text, int maxBytes) {
        if (text.length() * 3L <= maxBytes || ByteBufUtil.utf8Bytes(text) <= maxBytes) {
            return text;
        }
        int bytes = 0;
        int end = 0;
        while (end < text.length()) {
            int point = text.codePointAt(end);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > maxBytes) {
                break;
            }
            end += Character.charCount(point);
        }
        return text.substring(0, end);
    }
}
