package io.headgate.samples.bench;

import io.netty.buffer.ByteBufAllocator;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.util.ByteBufPayload;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The answering end of {@link RSocketContender}. */
final class RSocketAnswering implements RSocket {

    @Override
    public Mono<Payload> requestResponse(Payload payload) {
        return Mono.just(payload);
    }

    @Override
    public Flux<Payload> requestStream(Payload payload) {
        Download what = Download.decode(payload.getData());
        payload.release();
        return Flux.generate(
                () -> new Frames(what, ByteBufAllocator.DEFAULT),
                (frames, sink) -> {
                    if (frames.hasNext()) {
                        sink.next(ByteBufPayload.create(frames.next()));
                    } else {
                        sink.complete();
                    }
                    return frames;
                },
                Frames::close);
    }
}
