package io.headgate.rpc.stream;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A {@link SeekableBody} that is not known yet; see {@link SeekableBody#later}. */
final class LaterBody extends Body {

    private final Mono<SeekableBody> body;
    private final AtomicBoolean used = new AtomicBoolean();

    LaterBody(Mono<SeekableBody> body) {
        this.body = body;
    }

    /** The body itself, or nothing. */
    static Mono<SeekableBody> seekable(Body body) {
        if (body instanceof SeekableBody ready) {
            return Mono.just(ready);
        }
        return body instanceof LaterBody later ? later.body : Mono.empty();
    }

    static boolean isSeekable(Body body) {
        return body instanceof SeekableBody || body instanceof LaterBody;
    }

    @Override
    public long length() {
        return UNKNOWN_LENGTH;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    @Override
    public void discard() {
        used.set(true);
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (used.compareAndSet(false, true)) {
            body.flatMapMany(ready -> ready).subscribe(actual);
        } else {
            Operators.error(actual, SeekableBody.usedTwice());
        }
    }
}
