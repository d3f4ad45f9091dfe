package io.headgate.rpc.local;

import io.headgate.Trait;
import io.headgate.rpc.RpcException;
import io.netty.buffer.ByteBufUtil;

/** A failure as the other side gets to know it. */
final class Told {

    private Told() {}

    static RpcException of(RpcException failure, int maxBytes) {
        String message = failure.getMessage();
        return RpcException.remote(
                failure.rpcStatus(), message == null ? "" : cut(message, maxBytes), failure.is(Trait.RETRYABLE));
    }

    /** The longest beginning that fits in so many bytes of UTF-8. */
    private static String cut(String text, int maxBytes) {
        if (text.length() * 3L <= maxBytes || ByteBufUtil.utf8Bytes(text) <= maxBytes) {
            return text;
        }
        int bytes = 0;
        int at = 0;
        while (at < text.length()) {
            int point = text.codePointAt(at);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > maxBytes) {
                break;
            }
            at += Character.charCount(point);
        }
        return text.substring(0, at);
    }
}
