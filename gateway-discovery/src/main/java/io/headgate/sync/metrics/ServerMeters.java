package io.headgate.sync.metrics;

import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServerObserver;
import io.headgate.sync.server.SyncServerStats;
import io.headgate.sync.server.SyncServerStats.Topic;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of a server: records what happens in those of its topic, and has the others ask for what the server keeps anyway. */
final class ServerMeters implements SyncServerObserver {

    private final Meters meters;
    private final Map<String, TopicMeters> topics = new HashMap<>(); // not changed any more
    private final SyncServerObserver next;

    ServerMeters(Meters meters, Set<String> types, SyncServerObserver next) {
        this.meters = meters;
        this.next = next;
        types.forEach(type -> topics.put(type, new TopicMeters(meters, syncer(type))));
    }

    private static Tags syncer(String type) {
        return Tags.of("syncer", type);
    }

    // ---- what the server keeps

    /** From when there is a server. */
    void read(Supplier<SyncServerStats> server, LongSupplier clock) {
        Recent<SyncServerStats> stats = new Recent<>(server, clock);
        server(stats);
        logs();
        topics.keySet().forEach(type -> topic(type, stats));
        for (SyncEnd end : SyncEnd.values()) {
            meters.counter(
                    "gateway.sync.ends",
                    "Clients that are gone, by why",
                    Tags.of("reason", end.name().toLowerCase(Locale.ROOT)),
                    () -> stats.get().ended(end));
        }
    }

    private void server(Recent<SyncServerStats> stats) {
        Tags none = Tags.empty();
        meters.counter(
                "typha.connections.accepted",
                "Clients that have connected",
                none,
                () -> stats.get().accepted());
        meters.counter(
                "typha.connections.dropped",
                "Clients that were asked to leave because there were too many",
                none,
                () -> stats.get().shed());
        meters.gauge(
                "typha.connections.active",
                "Clients that are connected",
                none,
                () -> stats.get().connections());
        meters.gauge(
                "gateway.sync.limit",
                "How many clients there may be before some are shed",
                none,
                () -> stats.get().limit());
        meters.counter(
                "gateway.sync.resumed",
                "Clients that went on where they had been, without a snapshot",
                none,
                () -> stats.get().resumed());
        meters.counter(
                "gateway.sync.bytes",
                "Bytes that were given to the sockets, before TLS",
                none,
                () -> stats.get().bytesWritten());
    }

    /** Of the origin's own writer of logs. Ours go to SLF4J, which has them all. */
    private void logs() {
        meters.counter("typha.logs.dropped", "Lines of the log that were lost; none is here", Tags.empty(), () -> 0);
        meters.counter(
                "typha.log.errors", "Lines of the log that could not be written; none is here", Tags.empty(), () -> 0);
    }

    private void topic(String type, Recent<SyncServerStats> stats) {
        gauge(type, stats, "typha.connections.streaming", "Clients that are being served", Topic::streaming);
        gauge(type, stats, "typha.breadcrumb.seq.number", "The number of the newest breadcrumb", Topic::position);
        gauge(type, stats, "typha.cache.size", "Entries that are there", Topic::entries);
        counter(type, stats, "typha.updates.total", "Updates that have come", Topic::updates);
        counter(type, stats, "typha.updates.skipped", "Updates of them that changed nothing", Topic::skipped);
        counter(type, stats, "typha.snapshots.generated", "Snapshots that were made", Topic::snapshotsGenerated);
        counter(
                type,
                stats,
                "typha.snapshots.reused",
                "Clients that got a snapshot which was made for others",
                Topic::snapshotsReused);
        counter(
                type,
                stats,
                "typha.snapshot.raw.bytes",
                "Bytes of all snapshots before compression",
                Topic::snapshotRawBytes);
        counter(
                type,
                stats,
                "typha.snapshot.compressed.bytes",
                "Bytes that the compressed ones of them became",
                Topic::snapshotCompressedBytes);
        gauge(
                type,
                stats,
                "gateway.sync.held.bytes",
                "Bytes of encoded breadcrumbs and snapshots that are kept",
                Topic::bytesHeld);
        gauge(
                type,
                stats,
                "gateway.sync.views",
                "Different sets of prefixes that clients are served with",
                Topic::views);
    }

    private void gauge(
            String type, Recent<SyncServerStats> stats, String name, String meaning, ToDoubleFunction<Topic> value) {
        meters.gauge(name, meaning, syncer(type), () -> of(stats.get().topics().get(type), value));
    }

    private void counter(
            String type, Recent<SyncServerStats> stats, String name, String meaning, ToDoubleFunction<Topic> total) {
        meters.counter(
                name, meaning, syncer(type), () -> of(stats.get().topics().get(type), total));
    }

    private static double of(@Nullable Topic topic, ToDoubleFunction<Topic> value) {
        return topic == null ? 0 : value.applyAsDouble(topic);
    }

    // ---- what happens

    @Override
    public void accepted() {
        next.accepted();
    }

    @Override
    public void streaming(String type, boolean resumed, boolean compressed) {
        next.streaming(type, resumed, compressed);
    }

    @Override
    public void published(String type, int updates) {
        TopicMeters topic = topics.get(type);
        if (topic != null) {
            topic.published(updates);
        }
        next.published(type, updates);
    }

    @Override
    public void snapshotSent(String type, Duration took) {
        TopicMeters topic = topics.get(type);
        if (topic != null) {
            topic.snapshotSent(took);
        }
        next.snapshotSent(type, took);
    }

    @Override
    public void sending(String type, Duration behind, boolean waited) {
        TopicMeters topic = topics.get(type);
        if (topic != null) {
            topic.sending(behind, waited);
        }
        next.sending(type, behind, waited);
    }

    @Override
    public void written(String type, Duration took, int bytes) {
        TopicMeters topic = topics.get(type);
        if (topic != null) {
            topic.written(took);
        }
        next.written(type, took, bytes);
    }

    @Override
    public void ponged(String type, Duration took) {
        TopicMeters topic = topics.get(type);
        if (topic != null) {
            topic.ponged(took);
        }
        next.ponged(type, took);
    }

    @Override
    public void graceUsed(String type) {
        TopicMeters topic = topics.get(type);
        if (topic != null) {
            topic.graceUsed();
        }
        next.graceUsed(type);
    }

    @Override
    public void ended(@Nullable String type, SyncEnd end, Duration lasted) {
        next.ended(type, end, lasted);
    }
}
