package io.headgate.rpc.bridge;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A body seen through operators that may change its length and its trailers, too. The source sees to it that it is used once. */
final class SeenBody extends Body {

    private final Body source;
    private final Flux<ByteBuf> seen;
    private final long length;
    private final Mono<Fields> trailers;

    SeenBody(Body source, Flux<ByteBuf> seen, long length, Mono<Fields> trailers) {
        this.source = source;
        this.seen = seen;
        this.length = length;
        this.trailers = trailers;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Mono<Fields> trailers() {
        return trailers;
    }

    @Override
    public void discard() {
        source.discard();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        seen.subscribe(actual);
    }
}
