package io.headgate.http;

import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The body of a message that ended with its head. */
final class EmptyBody extends Body {

    static final EmptyBody INSTANCE = new EmptyBody();

    private EmptyBody() {}

    @Override
    public long length() {
        return 0;
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    @Override
    public void discard() {
        // nothing is held
    }

    @Override
    public Body watched(BodyWatch watch) {
        watch.onComplete(Fields.empty());
        return this;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        Operators.complete(actual);
    }
}
