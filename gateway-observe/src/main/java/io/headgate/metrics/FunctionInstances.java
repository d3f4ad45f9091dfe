package io.headgate.metrics;

import io.headgate.function.dispatch.DispatchObserver;
import io.headgate.function.dispatch.InstanceState;
import io.headgate.function.dispatch.Workload;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Instances of functions: how long they are in each state, how long their starts take, and who must go for others. */
final class FunctionInstances implements DispatchObserver {

    private static final List<InstanceState> SHOWN = List.of(
            InstanceState.WAIT, InstanceState.START, InstanceState.IDLE, InstanceState.PAUSED, InstanceState.BUSY);

    private final FunctionTable<Key, Series> functions;

    private record Key(String appId, String fnId, String image) {}

    FunctionInstances(FunctionMeters meters, int most, LongSupplier clock) {
        functions = new FunctionTable<>(
                most,
                new Key(FunctionTable.OTHER, FunctionTable.OTHER, FunctionTable.OTHER),
                key -> new Series(meters.part(tags(key.appId, key.fnId, key.image))),
                clock);
    }

    /** The tags of all figures of instances. */
    static Tags tags(String appId, String fnId, String image) {
        return Tags.of("app_id", appId, "fn_id", fnId, "image_name", image);
    }

    private Series of(Workload workload) {
        return functions.of(
                new Key(workload.app().id(), workload.fn().id(), workload.fn().image()));
    }

    @Override
    public void moved(Workload workload, InstanceState from, InstanceState to, long nanos) {
        Series series = of(workload);
        Timer durations = series.durations.get(from);
        if (durations != null) {
            durations.record(nanos, TimeUnit.NANOSECONDS);
        }
        if (from == InstanceState.START) {
            (to == InstanceState.DONE ? series.notReady : series.ready).record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void evicted(Workload victim, InstanceState state, Workload claimant) {
        LongAdder evictions = of(victim).evictions.get(state);
        if (evictions != null) {
            evictions.increment();
        }
    }

    void close() {
        functions.close();
    }

    private static final class Series extends FunctionTable.Series {

        private static final String READY = "Time from the start of an instance until it was ready, or was not";

        final FunctionMeters meters;
        final Map<InstanceState, Timer> durations = new EnumMap<>(InstanceState.class);
        final Map<InstanceState, LongAdder> evictions = new EnumMap<>(InstanceState.class);
        final Timer ready;
        final Timer notReady;

        Series(FunctionMeters meters) {
            this.meters = meters;
            for (InstanceState state : SHOWN) {
                String name = "container." + lower(state) + ".duration";
                durations.put(state, meters.timer(name, Tags.empty(), "Time that instances were in this state"));
            }
            for (InstanceState state : List.of(InstanceState.IDLE, InstanceState.PAUSED, InstanceState.BUSY)) {
                evictions.put(
                        state,
                        meters.counter(
                                "container.evictions",
                                Tags.of("container_state", lower(state)),
                                "Instances that have made room for other functions, by what they were before"));
            }
            ready = meters.timer("container.uds.init.latency", Tags.of("container_uds_state", "initialized"), READY);
            notReady = meters.timer("container.uds.init.latency", Tags.of("container_uds_state", "failed"), READY);
        }

        private static String lower(InstanceState state) {
            return state.name().toLowerCase(Locale.ROOT);
        }

        @Override
        void close() {
            meters.close();
        }
    }
}
