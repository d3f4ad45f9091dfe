package io.headgate.function.http;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.netty.buffer.Unpooled;

/** Replies in JSON, and the little of it that needs no library. */
public final class JsonReplies {

    /** The media type with its charset, which some clients want to be told. */
    public static final String TYPE = "application/json; charset=utf-8";

    private static final Fields FIELDS = Fields.of("content-type", TYPE);

    private JsonReplies() {}

    /**
     * A reply.
     *
     * @param status 200 to 599
     * @param json the text
     * @return the reply
     */
    public static HttpReply of(int status, String json) {
        return HttpReply.of(status, FIELDS, Body.utf8(json));
    }

    /**
     * A reply.
     *
     * @param status 200 to 599
     * @param json UTF-8; not to be changed any more
     * @return the reply
     */
    public static HttpReply of(int status, byte[] json) {
        return HttpReply.of(status, FIELDS, Body.of(Unpooled.wrappedBuffer(json)));
    }

    /**
     * A string as JSON has it. What UTF-8 cannot say, a surrogate without its other half, is escaped.
     *
     * @param text the text
     * @return the text in quotation marks
     */
    public static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || isLone(text, i)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static boolean isLone(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
