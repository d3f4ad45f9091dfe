package io.headgate.mirror;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** The body of the main request: as it was, with a copy of what passes for the mirror. Only its own reader drives it. */
final class TeeBody extends Body {

    private final Body source;
    private final MirrorBody mirror;
    private final Mono<Fields> trailers;

    private TeeBody(Body source, MirrorBody mirror, Mono<Fields> trailers) {
        this.source = source;
        this.mirror = mirror;
        this.trailers = trailers;
    }

    static TeeBody of(Body source, int maxBytes) {
        Mono<Fields> trailers = Mono.defer(source::trailers).cache(); // both want them, and the source tells them once
        return new TeeBody(source, new MirrorBody(source.length(), maxBytes, trailers), trailers);
    }

    MirrorBody mirror() {
        return mirror;
    }

    @Override
    public long length() {
        return source.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return trailers;
    }

    @Override
    public void discard() {
        source.discard();
        mirror.end(new CancellationException("request body: discarded"));
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        source.subscribe(new TeeSubscriber(actual, mirror));
    }
}
