package io.headgate.function.driver.process;

import io.headgate.http.Fields;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;

/** From the decoder's fields to neutral ones, without those of the connection. */
final class ReplyHead {

    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");

    private ReplyHead() {}

    static Fields fields(HttpHeaders headers) {
        CharSequence[] entries = new CharSequence[headers.size() * 2];
        int size = 0;
        Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
        while (all.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = all.next();
            if (!isOfConnection(field.getKey())) {
                entries[size * 2] = field.getKey();
                entries[size * 2 + 1] = field.getValue();
                size++;
            }
        }
        return Fields.ofValidated(entries, size);
    }

    private static boolean isOfConnection(CharSequence name) {
        return switch (name.length()) {
            case 7 ->
                HttpHeaderNames.UPGRADE.contentEqualsIgnoreCase(name)
                        || HttpHeaderNames.TRAILER.contentEqualsIgnoreCase(name);
            case 10 ->
                HttpHeaderNames.CONNECTION.contentEqualsIgnoreCase(name) || KEEP_ALIVE.contentEqualsIgnoreCase(name);
            case 16 -> PROXY_CONNECTION.contentEqualsIgnoreCase(name);
            case 17 -> HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name);
            default -> false;
        };
    }
}
