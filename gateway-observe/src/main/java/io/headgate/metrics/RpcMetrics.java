package io.headgate.metrics;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBuf;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Measures the connections of the framed RPC layer by layer: calls, frames, bytes, how layers are taken down, how connections end, and
 * what they hold.
 *
 * <pre>{@code
 * RpcMetrics metrics = RpcMetrics.of(registry, "files");
 * RpcSpec spec = RpcSpec.DEFAULTS.withHandler(endpoints).withObserver(metrics);
 * }</pre>
 *
 * <p>Durations of calls are named by the semantic conventions of OpenTelemetry for RPC (1.38 and later): {@code rpc.server.call.duration}
 * and {@code rpc.client.call.duration} in seconds, with the name of the endpoint as {@code rpc.method}. There are never more than
 * {@linkplain #DEFAULT_MOST_ENDPOINTS some} names in each direction, and what does not exist has none: the rest is {@code _OTHER}. All other
 * meters begin with {@code gateway.rpc.}; docs/rpc-metrics.md has them all.
 *
 * <p>One object may observe any number of connections, of any dialect, on either side. Meters are bound when it is made, or when an
 * endpoint, a status, a layer or a type of frame occurs for the first time; from then on an event adds to a counter that is found without
 * a lock and makes no object. What connections hold is asked of them when it is read, a tenth of a second old at most.
 *
 * <p><b>Lifetime.</b> Connections are held while they are open. {@link #close} takes all meters out of the registry; what is observed
 * later is recorded nowhere.
 *
 * <p><b>Threading.</b> Any thread.
 */
public final class RpcMetrics implements RpcObserver, AutoCloseable {

    /** How many endpoints of each direction have series of their own. */
    public static final int DEFAULT_MOST_ENDPOINTS = 1000;

    private static final String PREFIX = "gateway.rpc.";
    private static final Tags IN = Tags.of("direction", "in");
    private static final Tags OUT = Tags.of("direction", "out");

    private final MeterRegistry registry;
    private final Tags tags;
    private final Set<Meter> meters = ConcurrentHashMap.newKeySet();
    private final Set<RpcConnection> connections = ConcurrentHashMap.newKeySet();
    private final RpcCallTimers served;
    private final RpcCallTimers called;
    private final RpcFrames framesIn;
    private final RpcFrames framesOut;
    private final LongAdder bytesIn;
    private final LongAdder bytesOut;
    private final LongAdder stalledStreams;
    private final LongAdder silentPeers;
    private final Map<Ending.Kind, LongAdder> endings = new EnumMap<>(Ending.Kind.class);
    private final Map<String, Timer[]> layers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private RpcMetrics(MeterRegistry registry, Tags tags, int mostEndpoints, LongSupplier clock) {
        this.registry = registry;
        this.tags = tags;
        Tags system = tags.and("rpc.system.name", "headgate");
        served = new RpcCallTimers(registry, true, system, mostEndpoints, meters::add);
        called = new RpcCallTimers(registry, false, system, mostEndpoints, meters::add);
        framesIn = new RpcFrames(type -> frames(IN, type), type -> payload(IN, type));
        framesOut = new RpcFrames(type -> frames(OUT, type), type -> payload(OUT, type));
        bytesIn = counter("bytes", "bytes", IN, "Bytes of the byte streams, heads of frames included");
        bytesOut = counter("bytes", "bytes", OUT, "Bytes of the byte streams, heads of frames included");
        stalledStreams = counter("stalls", null, Tags.of("of", "stream"), "What was cut because it did not move");
        silentPeers = counter("stalls", null, Tags.of("of", "connection"), "What was cut because it did not move");
        for (Ending.Kind kind : Ending.Kind.values()) {
            endings.put(kind, counter("endings", null, Tags.of("kind", lower(kind)), "Connections that have ended"));
        }
        gauges(clock);
    }

    /**
     * Metrics of connections.
     *
     * @param registry takes the meters; stays the caller's to close
     * @param name what to call the connections: the tag {@code name} of all meters
     * @return new metrics
     */
    public static RpcMetrics of(MeterRegistry registry, String name) {
        return of(registry, name, Tags.empty(), DEFAULT_MOST_ENDPOINTS);
    }

    /**
     * Metrics of connections.
     *
     * @param registry takes the meters; stays the caller's to close
     * @param name what to call the connections: the tag {@code name} of all meters
     * @param tags more tags of all meters; the same keys for all metrics of a registry, as Prometheus wants
     * @param mostEndpoints how many endpoints of each direction have series of their own, at least 1
     * @return new metrics
     */
    public static RpcMetrics of(MeterRegistry registry, String name, Tags tags, int mostEndpoints) {
        return of(registry, name, tags, mostEndpoints, System::nanoTime);
    }

    /** For tests: time as they like it, in nanoseconds. */
    static RpcMetrics of(MeterRegistry registry, String name, Tags tags, int mostEndpoints, LongSupplier clock) {
        Objects.requireNonNull(registry, "registry");
        if (mostEndpoints < 1) {
            throw new IllegalArgumentException("mostEndpoints: " + mostEndpoints + " (expected: at least 1)");
        }
        return new RpcMetrics(registry, tags.and("name", Objects.requireNonNull(name, "name")), mostEndpoints, clock);
    }

    // ---- meters

    private LongAdder counter(String name, @Nullable String unit, Tags more, String meaning) {
        LongAdder count = new LongAdder();
        meters.add(FunctionCounter.builder(PREFIX + name, count, held -> count.sum()) // captured, so never lost
                .baseUnit(unit)
                .tags(tags.and(more))
                .description(meaning)
                .register(registry));
        return count;
    }

    private LongAdder frames(Tags direction, String type) {
        return counter("frames", "frames", direction.and("type", type), "Frames by type");
    }

    private LongAdder payload(Tags direction, String type) {
        return counter("frame.payload", "bytes", direction.and("type", type), "Payload of frames by type");
    }

    private void gauges(LongSupplier clock) {
        EngineMeters bound = new EngineMeters(registry, tags, () -> {});
        Recent<List<RpcStats>> recent = new Recent<>(this::stats, clock, stats -> {});
        recent.begin();
        for (EngineFigure<List<RpcStats>> figure : RpcTables.CONNECTIONS.figures()) {
            ToDoubleFunction<? super List<RpcStats>> value = figure.value();
            meters.add(bound.add(figure, Tags.empty(), () -> value.applyAsDouble(recent.get())));
        }
    }

    /** Forgets those that have ended without saying so. */
    private List<RpcStats> stats() {
        connections.removeIf(connection -> isOver(connection.stats().phase()));
        return connections.stream().map(RpcConnection::stats).toList();
    }

    private static boolean isOver(RpcStats.Phase phase) {
        return phase == RpcStats.Phase.CLOSED || phase == RpcStats.Phase.ABORTED;
    }

    private Timer[] layer(String layer) {
        RpcStats.Phase[] phases = RpcStats.Phase.values();
        Timer[] timers = new Timer[phases.length];
        for (RpcStats.Phase phase : phases) {
            timers[phase.ordinal()] = Timer.builder(PREFIX + "layer.duration")
                    .description("Time that a layer took until it entered a phase, from the phase before")
                    .tags(tags.and("layer", layer, "until", lower(phase)))
                    .register(registry);
            meters.add(timers[phase.ordinal()]);
        }
        return timers;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    // ---- events

    @Override
    public void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {
        (inbound ? bytesIn : bytesOut).add(bytes.readableBytes());
    }

    @Override
    public void onFrame(RpcConnection connection, boolean inbound, String type, int stream, int length) {
        (inbound ? framesIn : framesOut).count(type, length);
    }

    @Override
    public void onCallEnd(RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
        if (!closed) {
            (inbound ? served : called).ended(endpoint, status, nanos);
        }
    }

    @Override
    public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
        if (closed) {
            return;
        }
        if (phase == RpcStats.Phase.OPEN) {
            connections.add(connection);
        }
        Timer[] timers = layers.get(layer);
        if (timers == null) {
            timers = layers.computeIfAbsent(layer, this::layer);
        }
        timers[phase.ordinal()].record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void onEnd(RpcConnection connection, Ending ending) {
        connections.remove(connection);
        LongAdder count = endings.get(ending.kind());
        if (count != null) {
            count.increment();
        }
    }

    @Override
    public void onStall(RpcConnection connection, int stream, @Nullable String endpoint, long nanos) {
        (stream == 0 && endpoint == null ? silentPeers : stalledStreams).increment();
    }

    /** Takes all meters out of the registry. */
    @Override
    public void close() {
        closed = true;
        meters.forEach(registry::remove);
        meters.clear();
        connections.clear();
    }

    @Override
    public String toString() {
        return "rpc metrics " + tags;
    }
}
