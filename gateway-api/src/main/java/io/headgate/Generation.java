package io.headgate;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One service with its calls: counted, so that it can be closed after the last one. */
final class Generation<I, O> {

    private static final int CALL = 2;
    private static final int RETIRED = 1;

    final Service<I, O> service;
    private final AtomicInteger state = new AtomicInteger();
    private final Sinks.Empty<Void> idle = Sinks.empty();

    Generation(Service<I, O> service) {
        this.service = service;
    }

    /** Begins a call, unless there is a later generation. */
    boolean enter() {
        if ((state.getAndAdd(CALL) & RETIRED) == 0) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        if (state.addAndGet(-CALL) == RETIRED) {
            idle.tryEmitEmpty();
        }
    }

    Mono<Void> retire(Duration grace) {
        Deadline end = Deadline.after(grace);
        if (state.getAndUpdate(calls -> calls | RETIRED) == 0) {
            idle.tryEmitEmpty();
        }
        Mono<Void> answered = grace.isZero() ? Mono.empty() : idle.asMono().timeout(grace, Mono.empty());
        return answered.then(Mono.defer(() -> service.closeAsync(left(end))));
    }

    private static Duration left(Deadline end) {
        return Duration.ofNanos(Math.max(0, end.remainingNanos()));
    }
}
