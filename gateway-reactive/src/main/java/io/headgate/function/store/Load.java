package io.headgate.function.store;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One reading of a value that any number of callers wait for, and the value when it is there. */
final class Load<V> {

    private final Sinks.One<V> end = Sinks.one();
    private volatile @Nullable V value;

    @Nullable V value() {
        return value;
    }

    Mono<V> whenDone() {
        V done = value;
        return done != null ? Mono.just(done) : end.asMono();
    }

    void succeed(V read) {
        value = read;
        end.tryEmitValue(read);
    }

    void fail(Throwable failure) {
        end.tryEmitError(failure);
    }
}
