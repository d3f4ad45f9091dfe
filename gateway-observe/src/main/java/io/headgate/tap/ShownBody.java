package io.headgate.tap;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A body as it was, whose bytes are shown before they go on. */
final class ShownBody extends Body {

    private final Body source;
    private final TappedExchange tapped;
    private final boolean isRequest;

    ShownBody(Body source, TappedExchange tapped, boolean isRequest) {
        this.source = source;
        this.tapped = tapped;
        this.isRequest = isRequest;
    }

    @Override
    public long length() {
        return source.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return source.trailers();
    }

    @Override
    public void discard() {
        source.discard();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        source.subscribe(new ShownBodySubscriber(actual, tapped, isRequest));
    }
}
