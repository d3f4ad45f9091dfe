package io.headgate.rpc.stream;

import io.headgate.http.Body;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/**
 * Remembers the body of a request while it is sent, up to a bound, so that it can be sent again. The bytes are copied: there is
 * nothing to release when the call ends, however it does. Elements keep their boundaries.
 */
final class KeptBody {

    static final int MAX_BYTES = 64 * 1024;

    private final Body source;
    private final List<byte[]> kept = new ArrayList<>(1);
    private int size;
    private volatile boolean whole;

    private KeptBody(Body source) {
        this.source = source;
    }

    static KeptBody of(Body source) {
        return new KeptBody(source);
    }

    /** The body for the first call. */
    Body first() {
        if (source.isEmpty() || LaterBody.isSeekable(source)) {
            return source;
        }
        return source.via(bytes -> bytes.doOnNext(this::keep).doOnComplete(() -> whole = size <= MAX_BYTES));
    }

    private void keep(ByteBuf buffer) {
        size = Math.min(size, MAX_BYTES) + buffer.readableBytes();
        if (size <= MAX_BYTES) {
            kept.add(ByteBufUtil.getBytes(buffer));
        } else {
            kept.clear();
        }
    }

    /** Whether {@link #again} can be had. */
    boolean isKept() {
        return source.isEmpty() || LaterBody.isSeekable(source) || whole;
    }

    /** The body for another call. */
    Body again() {
        if (source.isEmpty()) {
            return source;
        }
        if (LaterBody.isSeekable(source)) {
            return Body.of(LaterBody.seekable(source).flatMapMany(body -> body.from(0)));
        }
        return Body.of(Flux.fromIterable(kept).map(Unpooled::wrappedBuffer));
    }
}
