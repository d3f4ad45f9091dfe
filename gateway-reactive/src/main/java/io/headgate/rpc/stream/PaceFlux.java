package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;

/** A stream that is slowed down; see {@link Pace}. */
final class PaceFlux extends FluxOperator<ByteBuf, ByteBuf> {

    private final Pace pace;

    PaceFlux(Flux<ByteBuf> source, Pace pace) {
        super(source);
        this.pace = pace;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        source.subscribe(new PaceSubscriber(actual, pace));
    }
}
