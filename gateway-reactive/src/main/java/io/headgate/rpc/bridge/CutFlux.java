package io.headgate.rpc.bridge;

import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** Elements of chunks. Asks for one chunk at a time, and only for who wants an element that has not come. */
final class CutFlux extends Flux<ByteBuf> {

    private final Flux<ByteBuf> chunks;
    private final Supplier<? extends Cutter> cutter;

    CutFlux(Flux<ByteBuf> chunks, Supplier<? extends Cutter> cutter) {
        this.chunks = chunks;
        this.cutter = cutter;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        chunks.subscribe(new CutSubscriber(actual, cutter.get()));
    }
}
