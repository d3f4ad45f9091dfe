package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.headgate.function.async.CallStore;
import io.headgate.function.dispatch.InstanceState;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.log.SyslogStats;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.store.StoreObserver;
import io.headgate.function.store.StoreOperation;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class FunctionMetricsTest {

    private static final Path PAGE = Path.of("..", "docs", "function-metrics.md");
    private static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");
    private static final Set<String> CLOSED =
            Set.of("start", "blame", "container_state", "container_uds_state", "outcome", "end");
    private static final long MS = FunctionScene.MS;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final FunctionMetrics metrics = metrics(10);

    private FunctionMetrics metrics(int most) {
        return FunctionMetrics.of(registry, Tags.empty(), most, nanos::get, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private double value(String name, String... tags) {
        return registry.get(name).tags(tags).meters().stream()
                .mapToDouble(meter -> meter.measure().iterator().next().getValue())
                .sum();
    }

    private double millis(String name, String... tags) {
        return registry.get(name).tags(tags).timer().totalTime(TimeUnit.MILLISECONDS);
    }

    // ---- calls

    @Test
    void aCallIsQueuedThenRunsThenIsCompleted() {
        Invocation call = FunctionScene.call("FN1");
        metrics.calls().queued(call);
        assertThat(value("fn.queued")).isEqualTo(1);
        metrics.calls().started(call, true, 20 * MS);
        assertThat(value("fn.queued")).isZero();
        assertThat(value("fn.running")).isEqualTo(1);
        metrics.calls().ended(call, FunctionScene.ran(true));
        assertThat(value("fn.running")).isZero();
        assertThat(value("fn.calls")).isEqualTo(1);
        assertThat(value("fn.completed")).isEqualTo(1);
        assertThat(millis("fn.call.queue.duration", "start", "cold")).isEqualTo(20);
        assertThat(millis("fn.call.run.duration", "start", "cold")).isEqualTo(5);
        assertThat(value("fn.call.run.duration", "start", "warm")).isZero();
    }

    @Test
    void aCallThatDoesNotRunIsCountedByHowItEnded() {
        end(Outcome.BUSY, ErrorKind.BUSY);
        end(Outcome.CANCELLED, ErrorKind.CALLER_LEFT);
        end(Outcome.TIMED_OUT, ErrorKind.START_TIMED_OUT);
        end(Outcome.FAILED, ErrorKind.START_FAILED);
        end(Outcome.FAILED, ErrorKind.IMPOSSIBLE);
        end(Outcome.FAILED, ErrorKind.STOPPED);
        assertThat(value("fn.calls")).isEqualTo(6);
        assertThat(value("fn.queued")).isZero();
        assertThat(value("fn.running")).isZero();
        assertThat(value("fn.completed")).isZero();
        assertThat(value("fn.server.busy")).isEqualTo(1);
        assertThat(value("fn.canceled")).isEqualTo(1);
        assertThat(value("fn.timeouts")).isEqualTo(1);
        assertThat(value("fn.errors", "blame", "function")).isEqualTo(1);
        assertThat(value("fn.errors", "blame", "caller")).isEqualTo(1);
        assertThat(value("fn.errors", "blame", "service"))
                .as("cut by the end of the server")
                .isEqualTo(1);
        assertThat(millis("fn.call.queue.duration", "start", "none")).isEqualTo(6 * 30);
    }

    private void end(Outcome outcome, ErrorKind kind) {
        Invocation call = FunctionScene.call("FN1");
        metrics.calls().queued(call);
        metrics.calls().ended(call, FunctionScene.refused(outcome, kind));
    }

    // ---- instances

    @Test
    void instancesAreTimedByState() {
        Workload workload = FunctionScene.workload("FN1");
        move(workload, InstanceState.NONE, InstanceState.WAIT, 0);
        move(workload, InstanceState.WAIT, InstanceState.START, 2);
        move(workload, InstanceState.START, InstanceState.BUSY, 40);
        move(workload, InstanceState.BUSY, InstanceState.IDLE, 5);
        move(workload, InstanceState.IDLE, InstanceState.PAUSED, 50);
        metrics.instances().evicted(workload, InstanceState.PAUSED, FunctionScene.workload("FN2"));
        move(workload, InstanceState.PAUSED, InstanceState.DONE, 100);
        move(workload, InstanceState.NONE, InstanceState.START, 0);
        move(workload, InstanceState.START, InstanceState.DONE, 7);
        assertThat(millis("fn.container.wait.duration")).isEqualTo(2);
        assertThat(millis("fn.container.start.duration")).isEqualTo(47);
        assertThat(millis("fn.container.paused.duration")).isEqualTo(100);
        assertThat(millis("fn.container.uds.init.latency", "container_uds_state", "initialized"))
                .isEqualTo(40);
        assertThat(millis("fn.container.uds.init.latency", "container_uds_state", "failed"))
                .isEqualTo(7);
        assertThat(value("fn.container.evictions", "container_state", "paused")).isEqualTo(1);
    }

    private void move(Workload workload, InstanceState from, InstanceState to, long millis) {
        metrics.instances().moved(workload, from, to, millis * MS);
    }

    // ---- what is asked

    @Test
    void theBudgetAndWhoWaitsAreAsked() {
        metrics.bindDispatch(FunctionScene::stats);
        assertThat(value("fn.util.mem.used")).isEqualTo(256 * 1024 * 1024);
        assertThat(value("fn.util.mem.avail")).isEqualTo(768 * 1024 * 1024);
        assertThat(value("fn.util.cpu.used")).isEqualTo(500);
        assertThat(value("fn.util.cpu.avail")).isEqualTo(1500);
        assertThat(value("fn.dispatch.waiting")).isEqualTo(7);
        assertThat(value("fn.container.busy.total", "fn_id", "FN1", "image_name", "node:f"))
                .isEqualTo(2);
        assertThat(value("fn.container.paused.total", "app_id", "APP1", "fn_id", "FN2"))
                .isEqualTo(4);
        assertThat(value("fn.container.wait.total")).isEqualTo(1);
        assertThat(value("fn.dispatch.queues")).isEqualTo(2);
    }

    @Test
    void aStoreOfCallsIsAskedNowAndThenAndMayBeAway() {
        AtomicInteger asked = new AtomicInteger();
        CallStore store = FunctionScene.counting(() -> switch (asked.getAndIncrement()) {
            case 0 -> Mono.just(new CallStore.Backlog(5, 2, 1, NOW.minusSeconds(90)));
            case 1 -> Mono.error(new IllegalStateException("away"));
            default -> Mono.just(new CallStore.Backlog(0, 0, 1, null));
        });
        metrics.bindCalls(store);
        assertThat(asked).hasValue(1);
        later(Recent.MOST_NANOS);
        assertThat(value("fn.async.queued")).isEqualTo(5);
        assertThat(value("fn.async.running")).isEqualTo(2);
        assertThat(value("fn.async.dead")).isEqualTo(1);
        assertThat(value("fn.async.oldest")).isCloseTo(90, within(0.001));
        assertThat(asked).hasValue(1);
        later(FunctionBacklog.BETWEEN);
        assertThat(value("fn.async.queued")).isEqualTo(5);
        assertThat(asked).hasValue(2);
        later(FunctionBacklog.BETWEEN);
        assertThat(value("fn.async.queued")).isZero();
        assertThat(value("fn.async.oldest")).isZero();
    }

    private void later(long more) {
        nanos.addAndGet(more);
        registry.getMeters().forEach(Meter::measure); // a scrape
        nanos.addAndGet(Recent.MOST_NANOS);
    }

    @Test
    void syslogIsShownByApplication() {
        metrics.bindSyslog(() -> List.of(
                new SyslogStats("APP1", "tcp://a:601", true, 3, 100, 7),
                new SyslogStats("APP1", "tcp://b:601", false, 1, 10, 1),
                new SyslogStats("APP2", "tcp://a:601", true, 0, 1, 0)));
        assertThat(value("fn.syslog.shippers")).isEqualTo(3);
        assertThat(value("fn.syslog.dropped", "app_id", "APP1")).isEqualTo(8);
        assertThat(value("fn.syslog.connected", "app_id", "APP1")).isZero();
        assertThat(value("fn.syslog.shipped", "app_id", "APP2")).isEqualTo(1);
    }

    // ---- the API

    @Test
    void requestsToTheApiAreCountedAndTimed() {
        metrics.api().answered("GET", "/v2/apps/{app_id}", 200, 3 * MS);
        metrics.api().answered("GET", "/v2/apps/{app_id}", 404, MS);
        assertThat(value("fn.api.request.count", "path", "/v2/apps/{app_id}", "method", "GET"))
                .isEqualTo(2);
        assertThat(value("fn.api.response.count", "status", "404")).isEqualTo(1);
        metrics.api().answered("GET", "/v2/apps", 503, MS);
        assertThat(value("fn.api.response.count", "status", "200", "blame", "none"))
                .isEqualTo(1);
        assertThat(value("fn.api.response.count", "status", "404", "blame", "caller"))
                .isEqualTo(1);
        assertThat(value("fn.api.response.count", "status", "503", "blame", "service"))
                .isEqualTo(1);
        assertThat(millis("fn.api.latency", "status", "200")).isEqualTo(3);
    }

    // ---- recorded calls, and the store

    @Test
    void recordedCallsAreCountedByTheEndOfTheirAttempts() {
        FunctionScene.async(metrics);
        assertThat(value("fn.async.accepted")).isEqualTo(1);
        assertThat(value("fn.async.refused", "reason", "too_large")).isEqualTo(1);
        for (String end : List.of("retry", "success", "error", "timeout")) {
            assertThat(value("fn.async.attempts", "end", end)).as(end).isEqualTo(1);
        }
        assertThat(value("fn.async.gave.back")).isEqualTo(1);
        assertThat(value("fn.async.lost")).isEqualTo(1);
        assertThat(value("fn.async.forgotten")).isEqualTo(5);
        assertThat(value("fn.async.store.failures", "operation", "renew")).isEqualTo(1);
        assertThat(millis("fn.async.delay")).isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void operationsOfTheStoreAreTimed() {
        metrics.store().ended(StoreOperation.GET_FN, 3 * MS, StoreObserver.Outcome.SUCCESS);
        metrics.store().ended(StoreOperation.GET_FN, 4 * MS, StoreObserver.Outcome.FAILED);
        assertThat(millis("fn.store.duration", "operation", "get_fn", "outcome", "success"))
                .isEqualTo(3);
        assertThat(value("fn.store.duration", "outcome", "failed")).isEqualTo(1);
    }

    // ---- bounds and ends

    @Test
    void aQuietFunctionMakesRoomAndABusyOneStays() {
        FunctionMetrics few = metrics(2);
        complete(few, "BUSY");
        complete(few, "QUIET");
        complete(few, "MORE");
        assertThat(value("fn.completed", "fn_id", "_OTHER")).isEqualTo(1);
        complete(few, "BUSY");
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        complete(few, "MORE");
        assertThat(value("fn.completed", "fn_id", "MORE")).isEqualTo(1);
        assertThat(value("fn.completed", "fn_id", "BUSY")).isEqualTo(2);
        assertThat(registry.find("fn.completed").tag("fn_id", "QUIET").meters()).isEmpty();
        assertThat(value("fn.queued")).isZero();
        assertThat(value("fn.running")).isZero();
    }

    private static void complete(FunctionMetrics metrics, String fnId) {
        Invocation call = FunctionScene.call(fnId);
        metrics.calls().queued(call);
        metrics.calls().started(call, false, 0);
        metrics.calls().ended(call, FunctionScene.ran(false));
    }

    @Test
    void nothingIsLeftAfterTheEnd() {
        FunctionScene.everything(metrics, FunctionScene::stats, FunctionScene.counting(() -> Mono.never()));
        assertThat(registry.getMeters()).isNotEmpty();
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
        complete(metrics, "LATE");
        assertThat(registry.getMeters()).isEmpty();
        assertThatThrownBy(() -> FunctionMetrics.of(registry, Tags.empty(), 0))
                .hasMessage("mostFunctions: 0 (expected: at least 1)");
    }

    @Test
    void prometheusGetsTheNamesOfFn() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        List<String> failed = new ArrayList<>();
        prometheus.config().onMeterRegistrationFailed((id, reason) -> failed.add(id + ": " + reason));
        try (FunctionMetrics shown = FunctionMetrics.of(prometheus)) {
            FunctionScene.everything(shown, FunctionScene::stats, FunctionScene.counting(() -> Mono.never()));
            assertThat(prometheus.scrape())
                    .contains("fn_queued ", "fn_calls_total{", "fn_container_busy{", "fn_util_mem_used ")
                    .contains(
                            "fn_call_run_duration_seconds_bucket{app_id=\"APP1\",fn_id=\"FN1\",start=\"cold\",le=\"0.01\"}"
                                    + " 1");
        }
        assertThat(failed).isEmpty();
        assertThat(prometheus.scrape()).isEmpty();
    }

    // ---- the page

    @Test
    void pageHasEveryMeterWithTypeUnitAndTags() throws IOException {
        FunctionScene.everything(metrics, FunctionScene::stats, FunctionScene.counting(() -> Mono.never()));
        List<String> shown = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `fn."))
                .toList();
        assertThat(shown).containsExactlyElementsOf(rows(registry.getMeters()));
    }

    private static List<String> rows(List<Meter> meters) {
        Map<String, List<Meter>> byName = meters.stream()
                .filter(meter -> !meter.getId().getName().endsWith(".histogram")) // of this registry alone
                .collect(Collectors.groupingBy(meter -> meter.getId().getName(), TreeMap::new, Collectors.toList()));
        return byName.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static String row(String name, List<Meter> meters) {
        Meter.Id first = meters.get(0).getId();
        String type = first.getType() == Meter.Type.TIMER
                ? "histogram"
                : first.getType().name().toLowerCase(Locale.ROOT);
        String unit = first.getType() == Meter.Type.TIMER
                ? "seconds"
                : first.getBaseUnit() == null ? "" : first.getBaseUnit();
        return "| `" + name + "` | " + type + " | " + unit + " | " + tags(meters) + " | " + first.getDescription()
                + " |";
    }

    private static String tags(List<Meter> meters) {
        Map<String, TreeSet<String>> values = new TreeMap<>();
        meters.forEach(meter -> meter.getId()
                .getTags()
                .forEach(tag -> values.computeIfAbsent(tag.getKey(), key -> new TreeSet<>())
                        .add(tag.getValue())));
        return values.entrySet().stream()
                .map(entry -> CLOSED.contains(entry.getKey())
                        ? "`" + entry.getKey() + "`: " + String.join(", ", entry.getValue())
                        : "`" + entry.getKey() + "`")
                .collect(Collectors.joining("; "));
    }
}
