package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;

/** Counts into a {@link Progress}. */
final class ProgressFlux extends FluxOperator<ByteBuf, ByteBuf> {

    private static final long NOT_CLAIMED = -1;

    private final Progress progress;
    private final long offset;
    private final boolean whole;

    /** A stream that is all there is to see. */
    ProgressFlux(Flux<ByteBuf> source, Progress progress) {
        this(source, progress, NOT_CLAIMED, true);
    }

    /** A part of a stream, from an offset on; {@code whole}: its end is the end of all. */
    ProgressFlux(Flux<ByteBuf> source, Progress progress, long offset, boolean whole) {
        super(source);
        this.progress = progress;
        this.offset = offset;
        this.whole = whole;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (offset != NOT_CLAIMED) {
            progress.beginAt(offset);
            source.subscribe(new ProgressSubscriber(actual, progress, whole));
            return;
        }
        try {
            progress.claim();
        } catch (IllegalStateException e) {
            Operators.error(actual, e);
            return;
        }
        progress.begin();
        source.subscribe(new ProgressSubscriber(actual, progress, true));
    }
}
