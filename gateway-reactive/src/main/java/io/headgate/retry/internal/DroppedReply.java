package io.headgate.retry.internal;

import io.headgate.http.Body;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import reactor.core.publisher.BaseSubscriber;

/**
 * Reads a short reply to its end and throws it away: an HTTP/1.1 connection whose reply was not read cannot be used again. A long
 * one is cancelled, which costs less than to read it. One that does not come on is its upstream's timeout's matter.
 */
public final class DroppedReply extends BaseSubscriber<ByteBuf> {

    private static final int MOST_BYTES = 16 * 1024;

    private int bytes;

    private DroppedReply() {}

    /** Drops a reply. */
    public static void drop(HttpReply reply) {
        Body body = reply.body();
        if (body.isEmpty()) {
            return;
        }
        if (body.length() > MOST_BYTES) {
            body.discard();
        } else {
            body.subscribe(new DroppedReply());
        }
    }

    @Override
    protected void hookOnNext(ByteBuf buffer) {
        bytes += buffer.readableBytes();
        buffer.release();
        if (bytes > MOST_BYTES) {
            cancel();
        }
    }

    @Override
    protected void hookOnError(Throwable error) {
        // nobody wants it, whole or not
    }
}
