package io.headgate.rpc.stream;

import io.headgate.mux.internal.CutFlux;
import io.headgate.rpc.RpcException;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;

/**
 * The time in which one call has an upload for itself. It ends when the sink has let go, and neither when the call is cancelled
 * nor when the next call wants to begin: those only cut the stream that goes into the sink or comes out of it.
 */
final class Turn {

    private final Upload upload;
    private final Attempt attempt;
    private final Turns turns;
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private final Sinks.Empty<Void> stopped = Sinks.empty();
    private boolean asked; // this and what follows is guarded by the turns
    private boolean carriedOut;

    Turn(Upload upload, Attempt attempt, Turns turns) {
        this.upload = upload;
        this.attempt = attempt;
        this.turns = turns;
    }

    Upload upload() {
        return upload;
    }

    Attempt attempt() {
        return attempt;
    }

    boolean hasAsked() {
        return asked;
    }

    void markAsked() {
        asked = true;
    }

    /** Whether another caller's handler is at work. */
    boolean isCarriedOutForAnother(Turn later) {
        return carriedOut && !attempt.isOfSameCaller(later.attempt);
    }

    void markCarriedOut() {
        carriedOut = true;
    }

    /** Does what writes to its end, whatever becomes of the subscriber. */
    Mono<Long> finish(Supplier<Mono<Long>> work) {
        return Mono.defer(work).doOnTerminate(this::end).cache().doFinally(signal -> {
            if (signal == SignalType.CANCEL) {
                stop(UploadFaults.cut(upload)); // not before the subscriber is gone, who would be told of it
            }
        });
    }

    /** Does what only reads, as long as there is a subscriber. */
    <T> Mono<T> follow(Supplier<Mono<T>> work) {
        return Mono.defer(work).doOnTerminate(this::end).doFinally(signal -> {
            if (signal == SignalType.CANCEL) {
                end(); // when the work has been cancelled, and not before
            }
        });
    }

    /** Before anybody is told of it, so that whoever calls next does not find this turn. */
    private void end() {
        turns.leave(this);
        ended.tryEmitEmpty();
    }

    /** Cuts the stream, because of a later call. */
    void stopFor(Attempt later) {
        stop(attempt.isOfSameCaller(later) ? UploadFaults.cut(upload) : UploadFaults.takenOver(upload));
    }

    /** Cuts the stream. */
    void stop(RpcException why) {
        stopped.tryEmitError(why);
    }

    Mono<Void> ended() {
        return ended.asMono();
    }

    /** Bytes that end with an error when this turn is to end. */
    Flux<ByteBuf> guard(Flux<ByteBuf> bytes) {
        return new CutFlux(bytes, stopped.asMono());
    }
}
