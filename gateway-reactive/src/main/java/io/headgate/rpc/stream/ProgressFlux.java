package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;

/** Counts into a {@link Progress}. */
final class ProgressFlux extends FluxOperator<ByteBuf, ByteBuf> {

    private final Progress progress;

    ProgressFlux(Flux<ByteBuf> source, Progress progress) {
        super(source);
        this.progress = progress;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        try {
            progress.claim();
        } catch (IllegalStateException e) {
            Operators.error(actual, e);
            return;
        }
        progress.begin();
        source.subscribe(new ProgressSubscriber(actual, progress));
    }
}
