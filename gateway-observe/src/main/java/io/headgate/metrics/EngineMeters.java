package io.headgate.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import reactor.core.Disposable;

/**
 * The meters of one binding, removed together. They hold what they read by a strong reference, so that they last as long as they are
 * registered. Any thread; takes no lock of its own, since a registry may read meters under one of its own.
 */
final class EngineMeters implements Disposable {

    private final MeterRegistry registry;
    private final Tags tags;
    private final Set<Meter> meters = ConcurrentHashMap.newKeySet();
    private final Runnable gone;
    private final AtomicBoolean disposed = new AtomicBoolean();

    /**
     * None yet.
     *
     * @param tags of all of them
     * @param gone is told when they have been removed
     */
    EngineMeters(MeterRegistry registry, Tags tags, Runnable gone) {
        this.registry = registry;
        this.tags = tags;
        this.gone = gone;
    }

    Meter add(EngineFigure<?> figure, Tags more, DoubleSupplier value) {
        Tags all = tags.and(more).and(figure.tags());
        Meter meter = figure.counts()
                ? FunctionCounter.builder(figure.name(), value, held -> value.getAsDouble()) // captured, so never lost
                        .baseUnit(figure.unit())
                        .description(figure.meaning())
                        .tags(all)
                        .register(registry)
                : Gauge.builder(figure.name(), value::getAsDouble)
                        .baseUnit(figure.unit())
                        .description(figure.meaning())
                        .tags(all)
                        .register(registry);
        meters.add(meter);
        if (disposed.get()) { // in between
            registry.remove(meter);
        }
        return meter;
    }

    void remove(Meter meter) {
        if (meters.remove(meter)) {
            registry.remove(meter);
        }
    }

    @Override
    public void dispose() {
        if (disposed.compareAndSet(false, true)) { // once: later the name may be somebody else's
            List.copyOf(meters).forEach(this::remove);
            gone.run();
        }
    }

    @Override
    public boolean isDisposed() {
        return disposed.get();
    }
}
