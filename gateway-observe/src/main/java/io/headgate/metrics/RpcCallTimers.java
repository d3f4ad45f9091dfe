package io.headgate.metrics;

import io.headgate.rpc.RpcStatus;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How long calls of one direction took, by endpoint and status. An endpoint has series of its own once a call of it has ended otherwise
 * than with UNIMPLEMENTED, so that callers cannot make series by calling what does not exist.
 */
final class RpcCallTimers {

    /** The endpoint of all that have no series of their own, as the conventions call it. */
    static final String OTHER = "_OTHER";

    private static final RpcStatus[] STATUSES = RpcStatus.values();

    /** What a server has to answer for; the rest is the caller's doing. */
    private static final Set<RpcStatus> FAULTS_OF_SERVERS = EnumSet.of(
            RpcStatus.UNKNOWN,
            RpcStatus.DEADLINE_EXCEEDED,
            RpcStatus.UNIMPLEMENTED,
            RpcStatus.INTERNAL,
            RpcStatus.UNAVAILABLE,
            RpcStatus.DATA_LOSS);

    private final MeterRegistry registry;
    private final boolean inbound;
    private final Tags tags;
    private final int most;
    private final Consumer<Meter> made;
    private final Map<String, AtomicReferenceArray<@Nullable Timer>> endpoints = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable Timer> others = new AtomicReferenceArray<>(STATUSES.length);

    RpcCallTimers(MeterRegistry registry, boolean inbound, Tags tags, int most, Consumer<Meter> made) {
        this.registry = registry;
        this.inbound = inbound;
        this.tags = tags;
        this.most = most;
        this.made = made;
    }

    void ended(String endpoint, RpcStatus status, long nanos) {
        AtomicReferenceArray<@Nullable Timer> of = endpoints.get(endpoint);
        if (of == null) {
            of = mayJoin(status) ? join(endpoint) : others;
        }
        Timer timer = of.get(status.ordinal());
        if (timer == null) {
            timer = timer(of == others ? OTHER : endpoint, status);
            of.set(status.ordinal(), timer); // whoever comes second has got the same from the registry
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private boolean mayJoin(RpcStatus status) {
        return status != RpcStatus.UNIMPLEMENTED && endpoints.size() < most;
    }

    private AtomicReferenceArray<@Nullable Timer> join(String endpoint) {
        return endpoints.computeIfAbsent(endpoint, name -> new AtomicReferenceArray<>(STATUSES.length));
    }

    private Timer timer(String endpoint, RpcStatus status) {
        Tags all = tags.and("rpc.method", endpoint, "rpc.response.status_code", status.name());
        boolean isError = inbound ? FAULTS_OF_SERVERS.contains(status) : status != RpcStatus.OK;
        Timer timer = Timer.builder(inbound ? "rpc.server.call.duration" : "rpc.client.call.duration")
                .description(inbound ? "Calls that were answered" : "Calls that were made")
                .tags(isError ? all.and("error.type", status.name()) : all)
                .serviceLevelObjectives(OtelConvention.SECONDS.stream()
                        .map(seconds -> Duration.ofNanos((long) (seconds * 1e9)))
                        .toArray(Duration[]::new))
                .register(registry);
        made.accept(timer);
        return timer;
    }

    int size() {
        return endpoints.size();
    }

    @Override
    public String toString() {
        return Arrays.toString(endpoints.keySet().toArray());
    }
}
