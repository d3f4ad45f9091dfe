package io.headgate.sync.metrics;

import io.headgate.sync.client.SyncClientStats;
import io.headgate.sync.client.SyncLoss;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Makes the meters of a client, all of which ask for what it keeps anyway. */
final class ClientMeters {

    private static final String PREFIX = "gateway.sync.client.";
    private static final double MILLIS = 1e3;

    private final Meters meters;
    private final Tags tags;
    private final Recent<SyncClientStats> stats;
    private final InstantSource wall;

    private ClientMeters(Meters meters, Tags tags, Recent<SyncClientStats> stats, InstantSource wall) {
        this.meters = meters;
        this.tags = tags;
        this.stats = stats;
        this.wall = wall;
    }

    static void make(
            Meters meters, String name, Supplier<SyncClientStats> client, LongSupplier clock, InstantSource wall) {
        new ClientMeters(meters, Tags.of("client", name), new Recent<>(client, clock), wall).make();
    }

    private void make() {
        counter("attempts", "Connections that were tried", SyncClientStats::attempts);
        counter(
                "connects",
                "Connections on which a server said hello; each after the first is a reconnect",
                SyncClientStats::connected);
        counter("resumed", "Reconnects that went on without a snapshot", SyncClientStats::resumed);
        counter("received.bytes", "Bytes that came, after TLS and before decompression", SyncClientStats::bytes);
        counter("updates", "Entries that came", SyncClientStats::updates);
        counter("skipped.keys", "Entries left out because their keys make no sense", SyncClientStats::skippedKeys);
        counter(
                "bad.values",
                "Entries told as deletions because their values make no sense",
                SyncClientStats::badValues);
        gauge("waiting", "Keys that wait for the consumer", SyncClientStats::waiting);
        gauge("in.sync", "1 while the picture is complete, else 0", now -> now.isInSync() ? 1 : 0);
        gauge("silence.seconds", "Time since the server was heard of", now -> seconds(now.heard()));
        gauge(
                "freshness.age.seconds",
                "Time since the source of all was heard of, as the server says; NaN when it does not say",
                now -> seconds(now.fresh()));
        for (SyncLoss loss : SyncLoss.values()) {
            Tags reason = tags.and("reason", loss.name().toLowerCase(Locale.ROOT));
            meters.counter(
                    PREFIX + "losses",
                    "Connections that ended or never came about, by why",
                    reason,
                    () -> stats.get().lost(loss));
        }
    }

    private void counter(String name, String meaning, ToDoubleFunction<SyncClientStats> total) {
        meters.counter(PREFIX + name, meaning, tags, () -> total.applyAsDouble(stats.get()));
    }

    private void gauge(String name, String meaning, ToDoubleFunction<SyncClientStats> value) {
        meters.gauge(PREFIX + name, meaning, tags, () -> value.applyAsDouble(stats.get()));
    }

    private double seconds(@Nullable Instant since) {
        return since == null
                ? Double.NaN
                : Duration.between(since, wall.instant()).toMillis() / MILLIS;
    }
}
