package io.headgate.sync.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncClientStats;
import io.headgate.sync.client.SyncClientStats.State;
import io.headgate.sync.client.SyncLoss;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerObserver;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.server.SyncServerStats;
import io.headgate.sync.source.SyncStore;
import io.headgate.test.AllocationAssert;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class SyncMetricsTest {

    private static final Path PAGE = Path.of("..", "docs", "sync-metrics.md");

    /** What Calico Typha calls them at v3.2.5 and today. */
    private static final Set<String> ORIGIN = Set.of(
            "typha_connections_accepted",
            "typha_connections_dropped",
            "typha_connections_active",
            "typha_client_snapshot_send_secs",
            "typha_client_latency_secs",
            "typha_client_write_latency_secs",
            "typha_next_breadcrumb_latency_secs",
            "typha_ping_latency",
            "typha_kvs_per_msg",
            "typha_breadcrumb_size",
            "typha_breadcrumb_seq_number",
            "typha_breadcrumb_block",
            "typha_breadcrumb_non_block",
            "typha_updates_total",
            "typha_updates_skipped",
            "typha_logs_dropped",
            "typha_log_errors",
            "typha_connections_streaming",
            "typha_connections_grace_used",
            "typha_cache_size",
            "typha_snapshots_generated",
            "typha_snapshots_reused",
            "typha_snapshot_raw_bytes",
            "typha_snapshot_compressed_bytes");

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.*)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"");

    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private SyncServerStats stats =
            SyncMetricsStats.of(true, Map.of("felix", SyncMetricsStats.topic(SyncStatus.IN_SYNC)));

    private SyncServerStats ask() {
        asked.incrementAndGet();
        return stats;
    }

    private ServerMeters server(Meters meters) {
        ServerMeters server = new ServerMeters(meters, Set.of("felix"), SyncServerObserver.NONE);
        server.read(this::ask, clock::get);
        return server;
    }

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");

    private static SyncClientStats client(@Nullable Instant fresh) {
        return new SyncClientStats(
                1,
                State.FOLLOWING,
                SyncStatus.IN_SYNC,
                null,
                "",
                1,
                2,
                42,
                NOW.minusSeconds(1),
                fresh,
                17,
                null,
                null,
                Duration.ZERO,
                9,
                4,
                3,
                Map.of(SyncLoss.BROKEN, 3L),
                5000,
                600,
                5,
                6);
    }

    private void bind(Meters meters, SyncClientStats client) {
        ClientMeters.make(meters, "upstream", () -> client, clock::get, InstantSource.fixed(NOW));
    }

    /** Everything that there can be. */
    private static void happen(SyncServerObserver server) {
        server.accepted();
        server.published("felix", 100);
        server.published("felix", 0);
        server.streaming("felix", false, true);
        server.snapshotSent("felix", Duration.ofMillis(250));
        server.sending("felix", Duration.ofMillis(10), true);
        server.sending("felix", Duration.ofMillis(20), false);
        server.written("felix", Duration.ofMillis(1), 1000);
        server.ponged("felix", Duration.ofMillis(5));
        server.graceUsed("felix");
        server.ended("felix", SyncEnd.LEFT, Duration.ofSeconds(1));
        server.ended(null, SyncEnd.NO_HELLO, Duration.ofSeconds(1));
    }

    private static String scrape(PrometheusMeterRegistry registry) {
        return registry.scrape();
    }

    @Test
    void recordsWhatHappensInSecondsAndCounts() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        happen(server(new Meters(registry, Tags.empty())));
        assertThat(scrape(registry).lines())
                .contains(
                        "typha_client_snapshot_send_secs_count{syncer=\"felix\"} 1",
                        "typha_client_snapshot_send_secs_sum{syncer=\"felix\"} 0.25",
                        "typha_client_latency_secs_count{syncer=\"felix\"} 2",
                        "typha_client_latency_secs_sum{syncer=\"felix\"} 0.03",
                        "typha_next_breadcrumb_latency_secs_sum{syncer=\"felix\"} 0.01",
                        "typha_client_write_latency_secs_sum{syncer=\"felix\"} 0.001",
                        "typha_ping_latency_sum{syncer=\"felix\"} 0.005",
                        "typha_breadcrumb_size_count{syncer=\"felix\"} 2",
                        "typha_kvs_per_msg_count{syncer=\"felix\"} 1",
                        "typha_breadcrumb_block_total{syncer=\"felix\"} 1.0",
                        "typha_breadcrumb_non_block_total{syncer=\"felix\"} 1.0",
                        "typha_connections_grace_used_total{syncer=\"felix\"} 1.0");
    }

    @Test
    void readsWhatTheServerKeepsOnceForAScrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        server(new Meters(registry, Tags.of("pod", "a")));
        assertThat(scrape(registry).lines())
                .contains(
                        "typha_connections_active{pod=\"a\"} 5.0",
                        "typha_connections_accepted_total{pod=\"a\"} 9.0",
                        "typha_connections_dropped_total{pod=\"a\"} 2.0",
                        "typha_connections_streaming{pod=\"a\",syncer=\"felix\"} 3.0",
                        "typha_cache_size{pod=\"a\",syncer=\"felix\"} 7.0",
                        "typha_breadcrumb_seq_number{pod=\"a\",syncer=\"felix\"} 42.0",
                        "typha_updates_total{pod=\"a\",syncer=\"felix\"} 100.0",
                        "typha_updates_skipped_total{pod=\"a\",syncer=\"felix\"} 20.0",
                        "typha_snapshots_reused_total{pod=\"a\",syncer=\"felix\"} 5.0",
                        "typha_snapshot_compressed_bytes_total{pod=\"a\",syncer=\"felix\"} 300.0",
                        "gateway_sync_ends_total{pod=\"a\",reason=\"bad_bytes\"} 1.0",
                        "gateway_sync_ends_total{pod=\"a\",reason=\"no_pong\"} 0.0");
        assertThat(asked).hasValue(1);

        stats = SyncMetricsStats.of(true, Map.of());
        clock.addAndGet(Recent.MOST_NANOS);
        assertThat(scrape(registry)).contains("typha_cache_size{pod=\"a\",syncer=\"felix\"} 0.0");
        assertThat(asked).hasValue(2);
    }

    @Test
    void anObserverThatWasThereGoesOnToBeTold() {
        List<String> told = new ArrayList<>();
        SyncServerObserver other = new SyncServerObserver() {
            @Override
            public void accepted() {
                told.add("accepted");
            }

            @Override
            public void written(String type, Duration took, int bytes) {
                told.add(type + " " + bytes);
            }

            @Override
            public void ended(@Nullable String type, SyncEnd end, Duration lasted) {
                told.add(type + " " + end);
            }
        };
        happen(new ServerMeters(new Meters(new SimpleMeterRegistry(), Tags.empty()), Set.of("felix"), other));
        assertThat(told).containsExactly("accepted", "felix 1000", "felix LEFT", "null NO_HELLO");
    }

    @Test
    void anEventMakesNoObject() {
        ServerMeters server = server(new Meters(new SimpleMeterRegistry(), Tags.empty()));
        Duration took = Duration.ofMillis(3);
        happen(server);
        AllocationAssert.assertNothingBeyond(() -> {}, () -> {
            server.published("felix", 10);
            server.sending("felix", took, true);
            server.sending("felix", took, false);
            server.written("felix", took, 1000);
            server.ponged("felix", took);
        });
    }

    @Test
    void readsWhatAClientKeeps() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        bind(new Meters(registry, Tags.empty()), client(NOW.minusMillis(2500)));
        assertThat(scrape(registry).lines())
                .contains(
                        "gateway_sync_client_connects_total{client=\"upstream\"} 4.0",
                        "gateway_sync_client_resumed_total{client=\"upstream\"} 3.0",
                        "gateway_sync_client_skipped_keys_total{client=\"upstream\"} 5.0",
                        "gateway_sync_client_bad_values_total{client=\"upstream\"} 6.0",
                        "gateway_sync_client_waiting{client=\"upstream\"} 17.0",
                        "gateway_sync_client_in_sync{client=\"upstream\"} 1.0",
                        "gateway_sync_client_silence_seconds{client=\"upstream\"} 1.0",
                        "gateway_sync_client_freshness_age_seconds{client=\"upstream\"} 2.5",
                        "gateway_sync_client_losses_total{client=\"upstream\",reason=\"broken\"} 3.0",
                        "gateway_sync_client_losses_total{client=\"upstream\",reason=\"silent\"} 0.0");
    }

    @Test
    void aServerThatDoesNotSayHowFreshItIsHasNoAge() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        bind(new Meters(registry, Tags.empty()), client(null));
        assertThat(scrape(registry)).contains("gateway_sync_client_freshness_age_seconds{client=\"upstream\"} NaN");
    }

    @Test
    void measuresARealServerAndARealClient() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        SyncStore store = SyncStore.create();
        store.put("/a", ByteString.copyFromUtf8("1"));
        try (SyncMetrics metrics = SyncMetrics.of(registry, Tags.empty(), () -> clock.addAndGet(Recent.MOST_NANOS))) {
            SyncServer server = metrics.bind(SyncServerSpec.of("127.0.0.1", 0).withTopic("felix", store.events()))
                    .block(LONG);
            SyncClient client = SyncClient.of(SyncClientSpec.of(
                    "127.0.0.1:" + Objects.requireNonNull(server).port()));
            metrics.bind("reader", client);
            StepVerifier.create(client.events().filter(SyncEvent.Updates.class::isInstance))
                    .expectNextCount(1)
                    .then(() -> assertThat(scrape(registry).lines())
                            .contains(
                                    "typha_connections_active 1.0",
                                    "typha_connections_streaming{syncer=\"felix\"} 1.0",
                                    "typha_cache_size{syncer=\"felix\"} 1.0",
                                    "typha_snapshots_generated_total{syncer=\"felix\"} 1.0",
                                    "gateway_sync_client_connects_total{client=\"reader\"} 1.0"))
                    .then(() -> store.put("/b", ByteString.copyFromUtf8("2")))
                    .expectNextCount(1)
                    .thenCancel()
                    .verify(LONG);
            assertThat(SyncHealth.of(server).notAlive().blockOptional(LONG)).isEmpty();
            assertThat(SyncHealth.of(server).notReady().blockOptional(LONG)).isEmpty();
            server.closeAsync(Duration.ZERO).block(LONG);
            assertThat(scrape(registry).lines())
                    .contains(
                            "typha_connections_active 0.0",
                            "typha_connections_streaming{syncer=\"felix\"} 0.0",
                            "typha_client_snapshot_send_secs_count{syncer=\"felix\"} 1",
                            "typha_updates_total{syncer=\"felix\"} 2.0");
            assertThat(SyncHealth.of(server).notAlive().block(LONG)).startsWith("accept: ");
        }
        assertThat(scrape(registry)).isEmpty();
    }

    @Test
    void closingTakesEveryMeterOutOfTheRegistry() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Meters meters = new Meters(registry, Tags.empty());
        happen(server(meters));
        assertThat(registry.getMeters()).isNotEmpty();
        meters.close();
        assertThat(registry.getMeters()).isEmpty();
        meters.counter("late", "made after the close", Tags.empty());
        assertThat(registry.getMeters()).isEmpty();
    }

    // ---- names

    @Test
    void everyNameOfTheOriginIsThere() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        happen(server(new Meters(registry, Tags.empty())));
        Set<String> shown = rows(registry).stream()
                .map(row -> row.split("`")[1])
                .map(name -> name.equals("typha_updates_total") ? name : name.replaceFirst("_total$", ""))
                .collect(Collectors.toSet());
        assertThat(shown).containsAll(ORIGIN);
    }

    @Test
    void pageHasEveryNameKindAndLabelOfAScrape() throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        List<String> failed = new ArrayList<>();
        registry.config().onMeterRegistrationFailed((id, reason) -> failed.add(id + ": " + reason));
        Meters meters = new Meters(registry, Tags.empty());
        happen(server(meters));
        bind(meters, client(null));
        List<String> shown = Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| `(typha|gateway)_.*"))
                .toList();
        assertThat(shown).containsExactlyElementsOf(rows(registry));
        assertThat(failed).isEmpty();
    }

    /** The rows of the table, without the maxima that Micrometer puts beside summaries. */
    private static List<String> rows(PrometheusMeterRegistry registry) {
        Map<String, String> help = new TreeMap<>();
        Map<String, String> kinds = new TreeMap<>();
        Map<String, Set<String>> labels = new TreeMap<>();
        String name = "";
        for (String line : scrape(registry).lines().toList()) {
            Matcher ofHelp = HELP.matcher(line);
            Matcher ofType = TYPE.matcher(line);
            if (ofHelp.matches()) {
                name = ofHelp.group(1);
                help.put(name, ofHelp.group(2));
            } else if (ofType.matches()) {
                kinds.put(name, ofType.group(2));
            } else {
                Set<String> keys = labels.computeIfAbsent(name, key -> new TreeSet<>());
                LABEL.matcher(line).results().map(found -> found.group(1)).forEach(keys::add);
                keys.remove("quantile");
            }
        }
        help.keySet().removeIf(one -> one.endsWith("_max"));
        return help.entrySet().stream()
                .map(one -> "| `" + one.getKey() + "` | " + kinds.get(one.getKey()) + " | "
                        + String.join(", ", labels.getOrDefault(one.getKey(), Set.of())) + " | " + one.getValue()
                        + " |")
                .toList();
    }
}
