package io.headgate.benchmarks.sync;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.server.SyncServerStats;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.Sinks.EmitFailureHandler;
import reactor.netty.resources.LoopResources;

/** A server and the set that it serves. */
final class Feed implements AutoCloseable {

    private static final int BATCH = 1000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Without pings, so that each byte is one of the set. */
    static final SyncServerSettings QUIET = SyncServerSettings.builder()
            .pingInterval(Duration.ofHours(1))
            .pongTimeout(Duration.ofHours(6))
            .maxConnections(20_000)
            .build();

    private final Sinks.Many<SyncEvent> events = Sinks.many().unicast().onBackpressureBuffer();
    private final LoopResources loops = LoopResources.create("sync-server", 2, true);
    private final SyncServer server;
    private int ends;

    private Feed(List<SyncUpdate> set, SyncServerSettings settings) {
        server = Objects.requireNonNull(SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic(SyncServerSpec.FELIX, events.asFlux())
                        .withSettings(settings)
                        .withLoops(loops))
                .block(LIMIT));
        for (int at = 0; at < set.size(); at += BATCH) {
            publish(set.subList(at, Math.min(at + BATCH, set.size())));
        }
        events.emitNext(new SyncEvent.Status(SyncStatus.IN_SYNC), EmitFailureHandler.FAIL_FAST);
        while (!server.stats().isReady()) {
            Thread.onSpinWait();
        }
    }

    static Feed open(List<SyncUpdate> set, SyncServerSettings settings) {
        return new Feed(set, settings);
    }

    SyncServer server() {
        return server;
    }

    SyncServerStats.Topic topic() {
        return Objects.requireNonNull(server.stats().topics().get(SyncServerSpec.FELIX));
    }

    int port() {
        return server.port();
    }

    void publish(List<SyncUpdate> updates) {
        events.emitNext(new SyncEvent.Updates(updates), EmitFailureHandler.FAIL_FAST);
    }

    /** What the clients wait for. */
    void publishEnd() {
        publish(List.of(Workload.end(++ends)));
    }

    @Override
    public void close() {
        server.closeAsync(Duration.ZERO).block(LIMIT);
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(LIMIT);
    }
}
