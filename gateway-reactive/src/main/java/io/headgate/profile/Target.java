package io.headgate.profile;

import io.headgate.Service;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A service that exchanges may go to as long as it is in the set. One that leaves is closed when nobody is on the way to it any
 * more: calls that have reached it are its own business, which it finishes within the grace of its close.
 */
final class Target<I, O> {

    private static final int VISITOR = 2;
    private static final int RETIRED = 1;

    final Object key;
    final Service<I, O> service;
    private final AtomicInteger state = new AtomicInteger();
    private final Sinks.Empty<Void> deserted = Sinks.empty();

    Target(Object key, Service<I, O> service) {
        this.key = key;
        this.service = service;
    }

    boolean isReady() {
        return service.status() == Service.Status.OPEN;
    }

    /** Starts the way of a call to the service, unless it has left; then {@link #leave} follows soon. */
    boolean enter() {
        if ((state.getAndAdd(VISITOR) & RETIRED) == 0) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        if (state.addAndGet(-VISITOR) == RETIRED) {
            deserted.tryEmitEmpty();
        }
    }

    /** Lets nobody enter from now on; subscribe to the result to close the service. */
    Mono<Void> retire(Duration grace) {
        if (state.getAndUpdate(visitors -> visitors | RETIRED) == 0) {
            deserted.tryEmitEmpty();
        }
        return deserted.asMono().then(Mono.defer(() -> service.closeAsync(grace)));
    }
}
