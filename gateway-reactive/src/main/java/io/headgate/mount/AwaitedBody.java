package io.headgate.mount;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** The body of a request that awaits 100 (Continue): the server says so by itself as soon as somebody reads. */
final class AwaitedBody extends Body {

    private final Body body;
    private final Runnable wanted;

    AwaitedBody(Body body, Runnable wanted) {
        this.body = body;
        this.wanted = wanted;
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return body.trailers();
    }

    @Override
    public void discard() {
        body.discard();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        body.subscribe(actual);
        wanted.run();
    }
}
