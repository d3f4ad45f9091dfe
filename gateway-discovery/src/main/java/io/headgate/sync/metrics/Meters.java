package io.headgate.sync.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** Makes meters, and takes them out of the registry together. Those that read something hold it for as long as they are registered. */
final class Meters implements AutoCloseable {

    /** As the origin has them: what is older than a minute does not count any more. */
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private static final int BUCKETS = 2;
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};

    private final MeterRegistry registry;
    private final Tags tags;
    private final Set<Meter> made = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Meters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    Counter counter(String name, String meaning, Tags more) {
        return keep(
                Counter.builder(name).description(meaning).tags(tags.and(more)).register(registry));
    }

    void counter(String name, String meaning, Tags more, DoubleSupplier total) {
        keep(FunctionCounter.builder(name, total, held -> total.getAsDouble()) // captured, so never lost
                .description(meaning)
                .tags(tags.and(more))
                .register(registry));
    }

    void gauge(String name, String meaning, Tags more, DoubleSupplier value) {
        keep(Gauge.builder(name, value::getAsDouble)
                .description(meaning)
                .tags(tags.and(more))
                .register(registry));
    }

    /** In whatever unit the name says: a base unit would be put behind it. */
    DistributionSummary summary(String name, String meaning, Tags more) {
        return keep(DistributionSummary.builder(name)
                .description(meaning)
                .tags(tags.and(more))
                .publishPercentiles(QUANTILES)
                .distributionStatisticExpiry(WINDOW)
                .distributionStatisticBufferLength(BUCKETS)
                .register(registry));
    }

    private <M extends Meter> M keep(M meter) {
        made.add(meter);
        if (closed) { // in between
            close();
        }
        return meter;
    }

    @Override
    public void close() {
        closed = true;
        made.forEach(meter -> {
            if (made.remove(meter)) {
                registry.remove(meter);
            }
        });
    }

    @Override
    public String toString() {
        return tags.toString();
    }
}
