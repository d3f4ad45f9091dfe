package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.local.InProcess;
import io.headgate.test.AllocationAssert;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class RpcMetricsTest {

    private static final Path PAGE = Path.of("..", "docs", "rpc-metrics.md");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong clock = new AtomicLong();
    private final RpcConnection connection = new FakeRpcConnection(FakeRpcConnection.open(2, 3, 100, 20));

    private double value(String name, String... tags) {
        return registry.get(name).tags(tags).meters().stream()
                .mapToDouble(meter -> meter.measure().iterator().next().getValue())
                .sum();
    }

    /** Everything that there can be. */
    private static void happen(RpcMetrics metrics, RpcConnection connection) {
        for (String layer : List.of("bytes", "frames", "messages", "calls")) {
            metrics.onPhase(connection, layer, RpcStats.Phase.OPEN, 1_000_000);
        }
        for (boolean inbound : new boolean[] {true, false}) {
            metrics.onBytes(connection, inbound, Unpooled.wrappedBuffer(new byte[30]));
            metrics.onFrame(connection, inbound, "DATA", 1, 20);
            metrics.onCall(connection, inbound, "Files/list");
            metrics.onCallEnd(connection, inbound, "Files/list", RpcStatus.OK, 2_000_000);
            metrics.onCallEnd(connection, inbound, "Files/list", RpcStatus.NOT_FOUND, 2_000_000);
            metrics.onCallEnd(connection, inbound, "Nothing/here", RpcStatus.UNIMPLEMENTED, 1_000_000);
        }
        metrics.onStall(connection, 1, "Files/list", 5);
        metrics.onStall(connection, 0, null, 5);
    }

    @Test
    void countsLayerByLayer() {
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files", Tags.empty(), 10, clock::get)) {
            happen(metrics, connection);
            clock.addAndGet(Recent.MOST_NANOS);
            assertThat(value("gateway.rpc.bytes", "direction", "in")).isEqualTo(30);
            assertThat(value("gateway.rpc.frames", "direction", "out", "type", "DATA"))
                    .isEqualTo(1);
            assertThat(value("gateway.rpc.frame.payload", "direction", "in", "type", "DATA"))
                    .isEqualTo(20);
            assertThat(value("gateway.rpc.stalls", "of", "stream")).isEqualTo(1);
            assertThat(value("gateway.rpc.stalls", "of", "connection")).isEqualTo(1);
            assertThat(value("gateway.rpc.layer.duration", "layer", "calls", "until", "open"))
                    .isEqualTo(1);
            assertThat(value("gateway.rpc.connections")).isEqualTo(1);
            assertThat(value("gateway.rpc.active.calls", "direction", "in")).isEqualTo(3);
            assertThat(value("gateway.rpc.held")).isEqualTo(100);
            assertThat(value("gateway.rpc.round.trip")).isEqualTo(0.02);
            metrics.onEnd(connection, Ending.of(Ending.Kind.LOST, "cut"));
            clock.addAndGet(Recent.MOST_NANOS);
            assertThat(value("gateway.rpc.endings", "kind", "lost")).isEqualTo(1);
            assertThat(value("gateway.rpc.connections")).isZero();
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void callsAreNamedAsTheConventionsSay() {
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files")) {
            happen(metrics, connection);
            Meter served = registry.get("rpc.server.call.duration")
                    .tag("rpc.response.status_code", "NOT_FOUND")
                    .meter();
            assertThat(served.getId().getTags())
                    .containsExactlyElementsOf(Tags.of(
                            "name", "files",
                            "rpc.method", "Files/list",
                            "rpc.response.status_code", "NOT_FOUND",
                            "rpc.system.name", "headgate"));
            assertThat(registry.get("rpc.client.call.duration")
                            .tag("rpc.response.status_code", "NOT_FOUND")
                            .meter()
                            .getId()
                            .getTag("error.type"))
                    .isEqualTo("NOT_FOUND");
        }
    }

    @Test
    void callersCannotMakeSeriesWithoutBound() {
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files", Tags.empty(), 5, clock::get)) {
            for (int i = 0; i < 100; i++) {
                metrics.onCallEnd(connection, true, "made/up" + i, RpcStatus.UNIMPLEMENTED, 1);
                metrics.onCallEnd(connection, true, "real/" + i, RpcStatus.OK, 1);
            }
            Set<String> methods = registry.get("rpc.server.call.duration").meters().stream()
                    .map(meter -> meter.getId().getTag("rpc.method"))
                    .collect(Collectors.toSet());
            assertThat(methods)
                    .containsExactlyInAnyOrder("real/0", "real/1", "real/2", "real/3", "real/4", RpcCallTimers.OTHER);
            for (int i = 0; i < 100; i++) {
                metrics.onFrame(connection, true, "TYPE" + i, 1, 1);
            }
            assertThat(registry.get("gateway.rpc.frames").meters()).hasSize(33);
            assertThat(value("gateway.rpc.frames", "type", RpcFrames.OTHER)).isEqualTo(68);
        }
        assertThatThrownBy(() -> RpcMetrics.of(registry, "files", Tags.empty(), 0))
                .hasMessage("mostEndpoints: 0 (expected: at least 1)");
    }

    @Test
    void anEventThatHasOccurredBeforeMakesNoObject() {
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files")) {
            happen(metrics, connection);
            AllocationAssert.assertNothingBeyond(() -> {}, () -> {
                metrics.onBytes(connection, true, Unpooled.EMPTY_BUFFER);
                metrics.onFrame(connection, true, "DATA", 1, 20);
                metrics.onFrame(connection, false, "DATA", 1, 20);
                metrics.onCall(connection, true, "Files/list");
                metrics.onCallEnd(connection, true, "Files/list", RpcStatus.OK, 2_000_000);
                metrics.onStall(connection, 1, "Files/list", 5);
            });
        }
    }

    @Test
    void aConnectionThatEndsWithoutSayingSoIsForgotten() {
        FakeRpcConnection gone = new FakeRpcConnection(FakeRpcConnection.open(0, 0, 0, 0));
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files", Tags.empty(), 5, clock::get)) {
            metrics.onPhase(gone, "calls", RpcStats.Phase.OPEN, 1);
            gone.stats =
                    new RpcStats(RpcStats.Phase.ABORTED, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
            clock.addAndGet(Recent.MOST_NANOS);
            assertThat(value("gateway.rpc.connections")).isZero();
        }
    }

    @Test
    void measuresARealConnection() {
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files", Tags.empty(), 5, clock::get)) {
            InProcess link = InProcess.connect(
                    RpcSpec.DEFAULTS,
                    RpcSpec.DEFAULTS
                            .withObserver(metrics)
                            .withHandler(request -> request.endpoint().equals("S/m")
                                    ? Mono.just(RpcReply.of(Content.NONE, Body.empty()))
                                    : Mono.error(RpcException.of(RpcStatus.INTERNAL, "broken"))));
            for (String endpoint : List.of("S/m", "S/broken")) {
                link.initiator()
                        .call(RpcRequest.of(endpoint, Content.NONE, Content.NONE, Body.empty()))
                        .flatMapMany(RpcReply::body)
                        .onErrorComplete()
                        .blockLast();
            }
            assertThat(value("rpc.server.call.duration", "rpc.method", "S/m")).isEqualTo(1);
            assertThat(value("rpc.server.call.duration", "error.type", "INTERNAL"))
                    .isEqualTo(1);
            link.initiator().closeAsync(Duration.ZERO).block();
            assertThat(value("gateway.rpc.endings", "kind", "clean")).isEqualTo(1);
        }
    }

    // ---- the page

    @Test
    void pageHasEveryMeterWithTypeUnitAndTags() throws IOException {
        try (RpcMetrics metrics = RpcMetrics.of(registry, "files")) {
            happen(metrics, connection);
            List<String> shown = Files.readAllLines(PAGE).stream()
                    .filter(line -> line.startsWith("| `"))
                    .toList();
            assertThat(shown).containsExactlyElementsOf(rows(registry.getMeters()));
        }
    }

    @Test
    void noTwoMetersGetInEachOthersWayInPrometheus() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        List<String> failed = new ArrayList<>();
        prometheus.config().onMeterRegistrationFailed((id, reason) -> failed.add(id + ": " + reason));
        try (RpcMetrics metrics = RpcMetrics.of(prometheus, "files")) {
            happen(metrics, connection);
            assertThat(prometheus.scrape())
                    .contains("rpc_server_call_duration_seconds_bucket")
                    .contains("gateway_rpc_bytes_total{direction=\"in\",name=\"files\"} 30.0")
                    .contains("error_type=\"UNIMPLEMENTED\"");
        }
        assertThat(failed).isEmpty();
    }

    private static List<String> rows(List<Meter> meters) {
        Map<String, List<Meter>> byName = meters.stream()
                .filter(meter -> !meter.getId().getName().endsWith(".histogram")) // the buckets, in this registry
                .collect(Collectors.groupingBy(meter -> meter.getId().getName(), TreeMap::new, Collectors.toList()));
        return byName.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static String row(String name, List<Meter> meters) {
        Meter.Id first = meters.get(0).getId();
        String unit = first.getBaseUnit() == null ? "" : first.getBaseUnit();
        return "| `" + name + "` | " + first.getType().name().toLowerCase(Locale.ROOT) + " | " + unit + " | "
                + tags(meters) + " | " + first.getDescription() + " |";
    }

    /** Values where they are a closed set; keys alone where dialects and endpoints say them. */
    private static String tags(List<Meter> meters) {
        Map<String, Set<String>> values = new TreeMap<>();
        meters.forEach(meter -> meter.getId()
                .getTags()
                .forEach(tag -> values.computeIfAbsent(tag.getKey(), key -> new TreeSet<>())
                        .add(tag.getValue())));
        values.remove("name");
        return values.entrySet().stream()
                .map(entry -> Set.of("type", "rpc.method", "rpc.response.status_code", "error.type")
                                .contains(entry.getKey())
                        ? "`" + entry.getKey() + "`"
                        : "`" + entry.getKey() + "`: " + String.join(", ", entry.getValue()))
                .collect(Collectors.joining("; "));
    }
}
