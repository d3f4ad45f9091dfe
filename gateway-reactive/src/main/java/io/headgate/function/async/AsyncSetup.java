package io.headgate.function.async;

import io.headgate.function.invoke.Invoker;
import io.headgate.function.store.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** What all calls of one process are run with. */
record AsyncSetup(
        CallStore store,
        Invoker invoker,
        Function<? super String, ? extends Mono<Target>> functions,
        AsyncSettings settings,
        AsyncObserver observer,
        String name,
        Clock clock,
        Scheduler timer,
        DoubleSupplier random,
        StoreAccess access) {

    /** The time, as stores keep it. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Mono<Long> after(Duration time) {
        return Mono.delay(time, timer);
    }
}
