package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.tap.TapStats;
import io.headgate.test.TestExchange;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Figures of engines in a registry, and who comes and goes there. */
class EngineMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong time = new AtomicLong();
    private final EngineMetrics metrics =
            EngineMetrics.of(registry).withClock(() -> time.addAndGet(Recent.MOST_NANOS)); // asks each time
    private final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    private final Sinks.One<HttpReply> answer = Sinks.one();
    private volatile Service.Status status = Service.Status.OPEN;
    private final Balancer balancer = Balancer.create(
            updates.asFlux(),
            endpoint -> new Service<>() {
                @Override
                public Mono<HttpReply> call(HttpExchange exchange) {
                    return answer.asMono();
                }

                @Override
                public Status status() {
                    return status;
                }
            },
            BalancerSettings.DEFAULTS.withStrategy(Strategy.roundRobin()));

    @AfterEach
    void close() {
        balancer.closeAsync(Duration.ZERO).block();
    }

    private static Endpoint endpoint(int port) {
        return Endpoint.of("10.0.0.1", port);
    }

    private void reset(int... ports) {
        updates.tryEmitNext(new Update.Reset<>(IntStream.of(ports)
                        .mapToObj(EngineMetricsTest::endpoint)
                        .toList()))
                .orThrow();
    }

    private double value(String name, String... tags) {
        return value(registry, name, tags);
    }

    private static double value(MeterRegistry registry, String name, String... tags) {
        Meter meter = registry.find(name).tags(tags).meter();
        return Objects.requireNonNull(meter, () -> "no " + name + " " + List.of(tags))
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    private List<String> members(String name) {
        return registry.find(name).meters().stream()
                .map(meter -> meter.getId().getTag("endpoint"))
                .sorted()
                .toList();
    }

    @Test
    void figuresAreThoseOfTheEngine() {
        metrics.bind("orders", balancer);
        reset(1, 2);
        balancer.call(TestExchange.get("/")).subscribe();
        assertThat(value("gateway.balancer.endpoints", "name", "orders", "state", "ready"))
                .isEqualTo(2);
        assertThat(value("gateway.balancer.endpoints", "state", "pending")).isZero();
        assertThat(value("gateway.balancer.calls")).isEqualTo(1);
        assertThat(value("gateway.balancer.updates", "op", "reset")).isEqualTo(1);
        assertThat(value("gateway.balancer.updates", "op", "remove")).isZero();
        assertThat(value("gateway.balancer.endpoint.calls", "endpoint", "http://10.0.0.1:1")
                        + value("gateway.balancer.endpoint.calls", "endpoint", "http://10.0.0.1:2"))
                .isEqualTo(1);
        assertThat(value("gateway.balancer.endpoint.latency", "endpoint", "http://10.0.0.1:1"))
                .isBetween(0.001, 0.030);
        status = Service.Status.BUSY;
        assertThat(value("gateway.balancer.endpoints", "state", "pending")).isEqualTo(2);
        assertThat(value("gateway.balancer.endpoint.ready", "endpoint", "http://10.0.0.1:1"))
                .isZero();
        balancer.call(TestExchange.get("/")).subscribe();
        assertThat(value("gateway.balancer.queue.length")).isEqualTo(1);
        assertThat(value("gateway.balancer.queue.requests")).isEqualTo(1);
    }

    @Test
    void metersOfEndpointsFollowTheSet() {
        metrics.bind("orders", balancer);
        assertThat(members("gateway.balancer.endpoint.calls")).isEmpty();
        reset(1, 2);
        assertThat(value("gateway.balancer.endpoints", "state", "ready")).isEqualTo(2);
        assertThat(members("gateway.balancer.endpoint.calls"))
                .containsExactly("http://10.0.0.1:1", "http://10.0.0.1:2");
        updates.tryEmitNext(new Update.Remove<>(List.of(endpoint(1)), Departure.DRAIN))
                .orThrow();
        assertThat(value("gateway.balancer.endpoints", "state", "ready")).isEqualTo(1);
        assertThat(members("gateway.balancer.endpoint.calls")).containsExactly("http://10.0.0.1:2");
        assertThat(members("gateway.balancer.endpoint.latency")).containsExactly("http://10.0.0.1:2");
        balancer.closeAsync(Duration.ZERO).block();
        assertThat(value("gateway.balancer.endpoints", "state", "ready")).isZero();
        assertThat(members("gateway.balancer.endpoint.calls")).isEmpty();
    }

    @Test
    void thoseForWhomThereIsNoRoomAreShownTogether() {
        metrics.withMostMembers(2).bind("orders", balancer);
        reset(1, 2, 3, 4, 5);
        IntStream.range(0, 10).forEach(i -> balancer.call(TestExchange.get("/")).subscribe());
        assertThat(value("gateway.balancer.endpoints", "state", "ready")).isEqualTo(5);
        assertThat(members("gateway.balancer.endpoint.calls")).hasSize(3).startsWith("(other)");
        assertThat(value("gateway.balancer.endpoint.calls", "endpoint", "(other)"))
                .isEqualTo(6);
        assertThat(value("gateway.balancer.endpoint.latency", "endpoint", "(other)"))
                .as("the highest one, no sum")
                .isLessThan(0.031);
        reset(5, 6);
        assertThat(value("gateway.balancer.endpoints", "state", "ready")).isEqualTo(2);
        assertThat(members("gateway.balancer.endpoint.calls"))
                .containsExactly("http://10.0.0.1:5", "http://10.0.0.1:6");
    }

    @Test
    void disposingRemovesAllMetersOfABindingAndNoOthers() {
        Disposable orders = metrics.bind("orders", balancer);
        metrics.bindAccessLog("edge", () -> 7);
        reset(1);
        assertThat(value("gateway.balancer.endpoints", "state", "ready")).isEqualTo(1);
        orders.dispose();
        assertThat(orders.isDisposed()).isTrue();
        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsExactly("gateway.accesslog.dropped");
        metrics.bind("orders", balancer);
        orders.dispose();
        assertThat(value("gateway.balancer.endpoints", "state", "ready"))
                .as("the name is another one's now")
                .isEqualTo(1);
    }

    @Test
    void nameCanBeUsedOnceForAKind() {
        metrics.bind("orders", balancer);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> metrics.bind("orders", balancer))
                .withMessage(
                        "name: orders (expected: one by which no other balancer is bound until that is disposed of)");
        metrics.bind("orders", CircuitBreaker.create());
        metrics.withTags(Tags.of("zone", "b")).bind("orders", balancer);
        assertThat(registry.find("gateway.balancer.calls").meters()).hasSize(2);
    }

    @Test
    void metersHoldWhatTheyShowUntilTheyAreRemoved() {
        SourceAges ages = SourceAges.create();
        Disposable binding = metrics.bind("names", ages);
        WeakReference<SourceAges> held = new WeakReference<>(ages);
        ages.away("orders", new IllegalStateException("for the test"));
        ages = null;
        System.gc();
        assertThat(value("gateway.sources")).isEqualTo(1);
        assertThat(value("gateway.source.away", "source", "orders")).isEqualTo(1);
        binding.dispose();
        Awaitility.await().until(() -> {
            System.gc();
            return held.get() == null;
        });
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void agesOfSourcesAreShown() {
        SourceAges ages = SourceAges.create();
        metrics.bind("names", ages);
        ages.current("orders");
        assertThat(value("gateway.sources")).isEqualTo(1);
        assertThat(value("gateway.source.age", "source", "orders")).isZero();
        assertThat(value("gateway.source.away", "source", "orders")).isZero();
        ages.away("orders", new IllegalStateException("for the test"));
        Awaitility.await().until(() -> value("gateway.source.age", "source", "orders") > 0);
        assertThat(value("gateway.source.away", "source", "orders")).isEqualTo(1);
        ages.left("orders");
        assertThat(value("gateway.sources")).isZero();
        assertThat(registry.find("gateway.source.age").meters()).isEmpty();
    }

    @Test
    void statesOfBreakersAreShown() {
        CircuitBreakers breakers =
                CircuitBreakers.of(() -> CircuitBreaker.of(BreakerSettings.DEFAULTS.withConsecutiveFailures(1)));
        metrics.bind("orders", breakers);
        Service<HttpExchange, HttpReply> service =
                breakers.stageFor(endpoint(1)).wrap(exchange -> Mono.just(HttpReply.of(500)));
        service.call(TestExchange.get("/")).block();
        service.call(TestExchange.get("/")).onErrorComplete().block();
        assertThat(value("gateway.breaker.breakers", "state", "open")).isEqualTo(1);
        assertThat(value("gateway.breaker.breakers", "state", "closed")).isZero();
        assertThat(value("gateway.breaker.openness", "endpoint", "http://10.0.0.1:1"))
                .isEqualTo(1);
        assertThat(value("gateway.breaker.openings", "endpoint", "http://10.0.0.1:1"))
                .isEqualTo(1);
        assertThat(value("gateway.breaker.refusals", "endpoint", "http://10.0.0.1:1"))
                .isEqualTo(1);
        service.closeAsync(Duration.ZERO).block();
        assertThat(value("gateway.breaker.breakers", "state", "open")).isZero();
        assertThat(registry.find("gateway.breaker.openness").meters()).isEmpty();
    }

    @Test
    void sourceThatFailsKeepsItsLastFiguresAndFailsNobodyElse() {
        AtomicInteger dropped = new AtomicInteger(5);
        metrics.bindAccessLog("edge", () -> {
            if (dropped.get() < 0) {
                throw new IllegalStateException("for the test");
            }
            return dropped.get();
        });
        assertThat(value("gateway.accesslog.dropped")).isEqualTo(5);
        dropped.set(-1);
        assertThat(value("gateway.accesslog.dropped")).isEqualTo(5);
        dropped.set(6);
        assertThat(value("gateway.accesslog.dropped")).isEqualTo(6);
    }

    @Test
    void sourceThatFailsFromTheBeginningIsNotBound() {
        assertThatThrownBy(() -> metrics.bindTap("edge", () -> {
                    throw new IllegalStateException("for the test");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(registry.getMeters()).isEmpty();
        metrics.bindTap("edge", () -> new TapStats(1, 2, 3, 4, 5, 6));
        assertThat(value("gateway.tap.dropped.events")).isEqualTo(5);
        assertThat(value("gateway.tap.dropped.exchanges")).isEqualTo(6);
    }

    @Test
    void oneScrapeAsksEachSourceOnce() {
        AtomicInteger asked = new AtomicInteger();
        AtomicLong now = new AtomicLong();
        metrics.withClock(now::get).bindTap("edge", () -> new TapStats(asked.incrementAndGet(), 0, 0, 0, 0, 0));
        readAll();
        assertThat(asked).as("that of the binding is still new").hasValue(1);
        now.addAndGet(Recent.MOST_NANOS);
        readAll();
        assertThat(asked).hasValue(2);
        assertThat(value("gateway.tap.observers")).isEqualTo(2);
    }

    private void readAll() {
        registry.getMeters().forEach(meter -> meter.measure().forEach(Measurement::getValue));
    }

    @Test
    void prometheusIsScrapedByManyWhileEndpointsComeAndGo() throws Exception {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Disposable binding = EngineMetrics.of(prometheus)
                .withClock(() -> time.addAndGet(Recent.MOST_NANOS / 20))
                .bind("orders", balancer);
        List<CompletableFuture<Void>> scrapers = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.runAsync(() -> IntStream.range(0, 50)
                        .forEach(n -> assertThat(prometheus.scrape()).contains("gateway_balancer_endpoints{"))))
                .toList();
        for (int i = 0; i < 100; i++) {
            reset(IntStream.range(i + 1, i + 20).toArray());
        }
        for (CompletableFuture<Void> scraper : scrapers) {
            scraper.get();
        }
        reset(1, 2);
        Awaitility.await()
                .untilAsserted(() -> assertThat(prometheus
                                .scrape()
                                .lines()
                                .filter(line -> line.startsWith("gateway_balancer_endpoint_ready{"))
                                .toList())
                        .hasSize(2));
        assertThat(prometheus.scrape())
                .contains("gateway_balancer_updates_total{name=\"orders\",op=\"reset\"} 101.0")
                .contains("gateway_balancer_endpoint_latency_seconds{endpoint=\"http://10.0.0.1:2\",name=\"orders\"}");
        binding.dispose();
        assertThat(prometheus.scrape()).isEmpty();
    }
}
