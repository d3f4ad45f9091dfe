package io.headgate.mux.internal;

import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Mono;

/** Buffers until something else fails. Reactor's {@code takeUntilOther} would drop, and not release, what comes at that moment. */
public final class CutFlux extends FluxOperator<ByteBuf, ByteBuf> {

    private final Mono<Void> cut;

    public CutFlux(Flux<ByteBuf> source, Mono<Void> cut) {
        super(source);
        this.cut = cut;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        source.subscribe(new CutSubscriber(actual, cut));
    }
}
