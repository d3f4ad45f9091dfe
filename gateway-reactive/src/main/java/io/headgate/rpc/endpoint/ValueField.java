package io.headgate.rpc.endpoint;

import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The values of a call whose stream is of octets: a field of its metadata, so that the stream is what the caller gave and
 * nothing else. JSON is written in ASCII, everything else in Base64.
 */
final class ValueField {

    static final String NAME = "headgate-values";

    /** Most characters; half of what a header may have by default. */
    static final int MAX_CHARS = 16 * 1024;

    private ValueField() {}

    static Fields encode(Fields fields, Format format, @Nullable Object values) {
        ByteBuf element = format.encode(values);
        try {
            String text = format.content() == Content.JSON
                    ? ascii(element.toString(StandardCharsets.UTF_8))
                    : Base64.getEncoder().encodeToString(bytes(element));
            if (text.length() > MAX_CHARS) {
                throw format.failure(tooLong(text), null);
            }
            return fields.with(NAME, text);
        } finally {
            element.release();
        }
    }

    static String tooLong(String text) {
        return text.length() + " characters (expected: at most " + MAX_CHARS + " beside a stream of octets)";
    }

    static @Nullable Object decode(Fields fields, Format format) {
        String text = fields.get(NAME);
        if (text == null) {
            throw format.failure("missing (expected: the field " + NAME + ")", null);
        }
        try {
            byte[] bytes = format.content() == Content.JSON
                    ? text.getBytes(StandardCharsets.UTF_8)
                    : Base64.getDecoder().decode(text);
            return format.decode(Unpooled.wrappedBuffer(bytes));
        } catch (IllegalArgumentException e) {
            throw format.failure("the field " + NAME + " is not Base64 (expected: an element in Base64)", e);
        }
    }

    private static byte[] bytes(ByteBuf element) {
        byte[] bytes = new byte[element.readableBytes()];
        element.getBytes(element.readerIndex(), bytes);
        return bytes;
    }

    /**
     * JSON in which what is not ASCII is escaped, since such characters are only in strings, where that means the same. Control
     * characters are only between values, where a blank does as well. Codecs of JSON may be anybody's, so no library is asked.
     */
    static String ascii(String json) {
        StringBuilder text = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x7f) {
                text.append(c < ' ' ? ' ' : c);
            } else {
                text.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.toString();
    }
}
