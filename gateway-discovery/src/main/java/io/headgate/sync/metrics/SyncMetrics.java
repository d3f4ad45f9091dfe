package io.headgate.sync.metrics;

import io.headgate.sync.client.SyncClient;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSpec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;

/**
 * Measures servers and clients of sync streams by Micrometer. What Calico Typha measures has its names ({@code typha_connections_active} and so
 * on) and, where it has it there, the label {@code syncer}; what is Headgate's own begins with {@code gateway.sync.}. docs/sync-metrics.md has them
 * all.
 *
 * <pre>{@code
 * SyncMetrics metrics = SyncMetrics.of(registry);
 * Mono<SyncServer> server = metrics.bind(SyncServerSpec.of("0.0.0.0", 5473).withTopic("felix", entries));
 * metrics.bind("upstream", client);
 * }</pre>
 *
 * <p>Meters are made when a server opens, for all of its topics, and when a client is bound; an event of a connection records in meters that are there. Figures that
 * a server or a client keeps anyway are asked for when they are read, a tenth of a second old at most.
 *
 * <p>One server of a topic to a set of tags: a second one in the same registry takes metrics with tags of its own.
 *
 * <p><b>Lifetime.</b> Meters stay until {@link #close}, also those of servers that are closed: their totals are the last ones.
 *
 * <p><b>Threading.</b> Any thread.
 */
public final class SyncMetrics implements AutoCloseable {

    private final Meters meters;
    private final LongSupplier clock;

    private SyncMetrics(MeterRegistry registry, Tags tags, LongSupplier clock) {
        meters = new Meters(registry, tags);
        this.clock = clock;
    }

    /**
     * Metrics without tags of their own.
     *
     * @param registry takes the meters; stays the caller's to close
     * @return new metrics
     */
    public static SyncMetrics of(MeterRegistry registry) {
        return of(registry, Tags.empty());
    }

    /**
     * Metrics.
     *
     * @param registry takes the meters; stays the caller's to close
     * @param tags of all meters; the same keys for all metrics of a registry, as Prometheus wants
     * @return new metrics
     */
    public static SyncMetrics of(MeterRegistry registry, Tags tags) {
        return of(registry, tags, System::nanoTime);
    }

    /** For tests: time as they like it, in nanoseconds. */
    static SyncMetrics of(MeterRegistry registry, Tags tags, LongSupplier clock) {
        return new SyncMetrics(
                Objects.requireNonNull(registry, "registry"), Objects.requireNonNull(tags, "tags"), clock);
    }

    /**
     * Opens a server and measures it. An observer that the server has already goes on to be told.
     *
     * @param spec what the server is to be
     * @return as {@link SyncServer#bind} does
     */
    public Mono<SyncServer> bind(SyncServerSpec spec) {
        return Mono.defer(() -> {
            ServerMeters observer = new ServerMeters(meters, spec.topics().keySet(), spec.observer());
            return SyncServer.bind(spec.withObserver(observer)).doOnNext(server -> observer.read(server::stats, clock));
        });
    }

    /**
     * Measures a client.
     *
     * @param name what to call it: the tag {@code client} of its meters, one for each client of this object
     * @param client is held until {@link #close}
     */
    public void bind(String name, SyncClient client) {
        Objects.requireNonNull(name, "name");
        ClientMeters.make(meters, name, client::stats, clock, InstantSource.system());
    }

    /** Takes all meters out of the registry. What happens later is recorded nowhere. */
    @Override
    public void close() {
        meters.close();
    }

    @Override
    public String toString() {
        return "sync metrics " + meters;
    }
}
