package io.headgate.function.r2dbc;

import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Counts what is under way, so that a close can wait for it and refuse the rest. */
final class InFlight {

    private static final long CLOSED = Long.MIN_VALUE;

    /** How many, and the sign bit when closed. */
    private final AtomicLong state = new AtomicLong();

    private final Sinks.Empty<Void> none = Sinks.empty();

    /** False when closed; else there is to be one {@link #leave}. */
    boolean enter() {
        return state.getAndUpdate(it -> it < 0 ? it : it + 1) >= 0;
    }

    /** How many, of whom some may have entered or left since. */
    long count() {
        return state.get() & ~CLOSED;
    }

    void leave() {
        if (state.decrementAndGet() == CLOSED) {
            none.tryEmitEmpty();
        }
    }

    /** Completes when all have left. May be subscribed to more than once. */
    Mono<Void> close() {
        return Mono.defer(() -> {
            if (state.updateAndGet(it -> it | CLOSED) == CLOSED) {
                none.tryEmitEmpty();
            }
            return none.asMono();
        });
    }
}
