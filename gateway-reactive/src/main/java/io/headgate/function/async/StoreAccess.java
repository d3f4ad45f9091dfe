package io.headgate.function.async;

import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/** Asks a store that may be down. What it answers with a {@link FunctionException} is an answer, all else is a failure. */
final class StoreAccess {

    private final AsyncSettings settings;
    private final AsyncObserver observer;
    private final Scheduler timer;
    private final DoubleSupplier random;

    StoreAccess(AsyncSettings settings, AsyncObserver observer, Scheduler timer, DoubleSupplier random) {
        this.settings = settings;
        this.observer = observer;
        this.timer = timer;
        this.random = random;
    }

    /** Asks once, for a bounded time. */
    <T> Mono<T> once(String operation, Supplier<Mono<T>> ask) {
        return Mono.defer(ask).timeout(settings.storeTimeout(), timer).doOnError(error -> {
            if (!(error instanceof FunctionException)) {
                observer.storeFailed(operation, error);
            }
        });
    }

    /** Asks until there is an answer, with pauses. */
    <T> Mono<T> untilAnswered(String operation, Supplier<Mono<T>> ask) {
        return once(operation, ask)
                .retryWhen(Retry.from(failures ->
                        failures.concatMap(failure -> failure.failure() instanceof FunctionException
                                ? Mono.error(failure.failure())
                                : Mono.delay(pause(failure.totalRetries() + 1), timer))));
    }

    /** How long the store is left alone after some failures in a row. */
    Duration pause(long failures) {
        int retry = (int) Math.min(failures, 62);
        return Duration.ofNanos(settings.storeBackoff().nanos(retry, random.getAsDouble()));
    }
}
