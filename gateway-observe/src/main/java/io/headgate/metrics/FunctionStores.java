package io.headgate.metrics;

import io.headgate.function.store.StoreObserver;
import io.headgate.function.store.StoreOperation;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** Operations of the store of functions. */
final class FunctionStores implements StoreObserver {

    private final FunctionMeters meters;
    private final ConcurrentMap<Key, Timer> timers = new ConcurrentHashMap<>();

    private record Key(StoreOperation operation, Outcome outcome) {}

    FunctionStores(FunctionMeters meters) {
        this.meters = meters;
    }

    @Override
    public void ended(StoreOperation operation, long nanos, Outcome outcome) {
        timers.computeIfAbsent(new Key(operation, outcome), this::timer).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Key key) {
        return meters.timer(
                "store.duration",
                Tags.of(
                        "operation",
                        key.operation.label(),
                        "outcome",
                        key.outcome.name().toLowerCase(Locale.ROOT)),
                "Operations of the store of functions");
    }
}
