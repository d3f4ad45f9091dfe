package io.headgate.function.driver.process;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.mux.internal.h1.H1DecodedHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.AsciiString;

/**
 * The head of a reply.
 *
 * @param status 200 to 599
 * @param fields without those of the connection
 * @param length of the body, or {@link Body#UNKNOWN_LENGTH}
 * @param keepsConnection whether another call may follow on the connection
 */
record ReplyHead(int status, Fields fields, long length, boolean keepsConnection) {

    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");

    /** Takes the fields out of the decoder's response, which must not be read any more. */
    static ReplyHead of(HttpResponse decoded) {
        long length = HttpUtil.isContentLengthSet(decoded)
                ? HttpUtil.getContentLength(decoded, Body.UNKNOWN_LENGTH)
                : Body.UNKNOWN_LENGTH;
        boolean keepsConnection = HttpUtil.isKeepAlive(decoded);
        Fields fields = ((H1DecodedHeaders) decoded.headers()).fieldsWithout(ReplyHead::isOfConnection);
        return new ReplyHead(decoded.status().code(), fields, length, keepsConnection);
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
