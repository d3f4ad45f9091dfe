package io.headgate.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Meters that are taken out of the registry together. What counts is held by its meter, and so lasts as long as that. Any thread.
 */
final class FunctionMeters {

    static final String PREFIX = "fn.";

    /** The buckets of the Fn server, in milliseconds. */
    private static final Duration[] BUCKETS = Stream.of(1, 10, 50, 100, 250, 500, 1000, 10_000, 60_000, 120_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Tags tags;
    private final @Nullable FunctionMeters whole;
    private final Set<Meter> meters = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    FunctionMeters(MeterRegistry registry, Tags tags) {
        this(registry, tags, null);
    }

    private FunctionMeters(MeterRegistry registry, Tags tags, @Nullable FunctionMeters whole) {
        this.registry = registry;
        this.tags = tags;
        this.whole = whole;
    }

    /** A part that may leave before the others, and that nothing can be added to when the whole has left. */
    FunctionMeters part(Tags more) {
        return new FunctionMeters(registry, tags.and(more), this);
    }

    LongAdder counter(String name, Tags more, String meaning) {
        LongAdder count = new LongAdder();
        keep(FunctionCounter.builder(PREFIX + name, count, held -> count.sum()) // captured, so never lost
                .tags(tags.and(more))
                .description(meaning)
                .register(registry));
        return count;
    }

    LongAdder upDown(String name, String meaning) {
        LongAdder count = new LongAdder();
        keep(Gauge.builder(PREFIX + name, count::sum)
                .tags(tags)
                .description(meaning)
                .register(registry));
        return count;
    }

    Timer timer(String name, Tags more, String meaning) {
        Timer timer = Timer.builder(PREFIX + name)
                .tags(tags.and(more))
                .description(meaning)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        keep(timer);
        return timer;
    }

    private void keep(Meter meter) {
        meters.add(meter);
        if (closed || (whole != null && whole.closed)) {
            registry.remove(meter);
        }
    }

    void close() {
        closed = true;
        List.copyOf(meters).forEach(registry::remove);
        meters.clear();
    }
}
