package io.headgate.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Map;

/** The series that are in the registry, each with how many targets share it. Guarded by the lock of its owner. */
final class HttpSeriesPool {

    /** What makes series the same. */
    private record Id(Class<? extends HttpSeries> kind, String name, Tags tags) {

        static Id of(HttpSeries series) {
            return new Id(series.getClass(), series.name(), series.tags());
        }
    }

    private static final class Shared {

        final HttpBound bound;
        int users;

        Shared(HttpBound bound) {
            this.bound = bound;
        }
    }

    private final MeterRegistry registry;
    private final Map<Id, Shared> all = new HashMap<>();

    HttpSeriesPool(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Puts a series into the registry unless it is there, for one target more. */
    HttpBound take(HttpSeries series) {
        Shared shared = all.computeIfAbsent(Id.of(series), id -> new Shared(HttpBound.register(series, registry)));
        shared.users++;
        return shared.bound;
    }

    /** One target less; the last takes the series out of the registry. */
    void release(HttpSeries series) {
        Shared shared = all.get(Id.of(series));
        if (shared != null && --shared.users == 0) {
            all.remove(Id.of(series));
            registry.remove(shared.bound.meter());
        }
    }

    int size() {
        return all.size();
    }
}
