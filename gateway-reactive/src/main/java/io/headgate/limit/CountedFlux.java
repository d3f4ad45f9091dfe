package io.headgate.limit;

import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;

/** Passes buffers as long as their bytes add up to no more than a bound. */
final class CountedFlux extends FluxOperator<ByteBuf, ByteBuf> {

    private final long maxBytes;

    CountedFlux(Flux<ByteBuf> source, long maxBytes) {
        super(source);
        this.maxBytes = maxBytes;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        source.subscribe(new CountedSubscriber(actual, maxBytes));
    }
}
