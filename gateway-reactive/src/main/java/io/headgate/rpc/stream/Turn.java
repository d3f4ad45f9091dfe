package io.headgate.rpc.stream;

import io.headgate.mux.internal.CutFlux;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;

/**
 * The time in which one call has an upload for itself. It ends when the sink has let go, and neither when the call is cancelled
 * nor when the next call wants to begin: those only cut the stream that goes into the sink.
 */
final class Turn {

    private final Sinks.Empty<Void> ended = Sinks.empty();
    private final Sinks.Empty<Void> stopped = Sinks.empty();

    /** Does the work to its end, whatever becomes of the subscriber. */
    Mono<Long> run(Supplier<Mono<Long>> work, Runnable last) {
        return Mono.defer(work)
                .doFinally(signal -> {
                    last.run();
                    ended.tryEmitEmpty();
                })
                .cache()
                .doFinally(signal -> {
                    if (signal == SignalType.CANCEL) {
                        stop(); // not before the subscriber is gone, who would be told of it
                    }
                });
    }

    /** Cuts the stream. */
    void stop() {
        stopped.tryEmitError(
                RpcException.refused(RpcStatus.ABORTED, "upload: cut (expected: one call at a time, to its end)"));
    }

    Mono<Void> ended() {
        return ended.asMono();
    }

    /** Bytes that end with an error when this turn is to end. */
    Flux<ByteBuf> guard(Flux<ByteBuf> bytes) {
        return new CutFlux(bytes, stopped.asMono());
    }
}
