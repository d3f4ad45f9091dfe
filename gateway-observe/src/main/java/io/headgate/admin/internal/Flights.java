package io.headgate.admin.internal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** The requests that are being answered, and the end of them. Safe. */
public final class Flights {

    private static final int CLOSING = 1;
    private static final int FLIGHT = 2;

    private final AtomicInteger state = new AtomicInteger();
    private final Sinks.Empty<Void> closing = Sinks.empty();
    private final Sinks.Empty<Void> landed = Sinks.empty();

    void begin() {
        state.addAndGet(FLIGHT);
    }

    void end() {
        if (state.addAndGet(-FLIGHT) == CLOSING) {
            landed.tryEmitEmpty();
        }
    }

    boolean isClosing() {
        return (state.get() & CLOSING) != 0;
    }

    /** Completes when streams have to end. */
    Mono<Void> closing() {
        return closing.asMono();
    }

    /** Ends the streams, then waits for all answers, but not for longer than the grace. */
    public Mono<Void> close(Duration grace, Scheduler timer) {
        return Mono.defer(() -> {
            if (state.updateAndGet(before -> before | CLOSING) == CLOSING) {
                landed.tryEmitEmpty();
            }
            closing.tryEmitEmpty();
            return landed.asMono().timeout(grace, Mono.empty(), timer);
        });
    }
}
