package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Route;
import io.headgate.test.VirtualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** How long series live. */
class HttpMetricsEvictionTest {

    private static final Duration IDLE = Duration.ofMinutes(10);
    private static final Endpoint ENDPOINT = Endpoint.of("127.0.0.1", 9000);
    private static final String CLIENT = "http.client.request.duration";
    private static final String SERVER = "http.server.request.duration";

    private final VirtualClock clock = VirtualClock.install();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final HttpMetrics metrics = metrics(OtelConvention.DEFAULTS);

    private HttpMetrics metrics(OtelConvention convention) {
        return HttpMetrics.of(
                registry, convention, HttpMetricsSettings.DEFAULTS, () -> clock.now(TimeUnit.NANOSECONDS), clock);
    }

    @AfterEach
    void close() {
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
        assertThat(clock.pending()).as("timers").isZero();
        clock.close();
    }

    private static HttpExchange exchange(String authority) {
        return HttpExchange.of(RequestHead.of("GET", authority, "/"), Body.empty());
    }

    private Service<HttpExchange, HttpReply> service(Endpoint endpoint) {
        return metrics.stageFor(endpoint).wrap(exchange -> Mono.just(HttpReply.of(200)));
    }

    private static void call(Service<HttpExchange, HttpReply> service) {
        service.call(exchange("a")).subscribe(HttpReply::discard);
    }

    private int series(String name) {
        return registry.find(name).timers().size();
    }

    // ---- targets of attempts

    @Test
    void seriesOfAnEndpointThatIsInUseStay() {
        Service<HttpExchange, HttpReply> service = service(ENDPOINT);
        call(service);
        clock.advance(IDLE.multipliedBy(10));
        assertThat(series(CLIENT)).isEqualTo(1);
        assertThat(metrics.stats().evicted()).isZero();
        assertThat(service).isNotNull();
    }

    @Test
    void seriesOfAnEndpointThatIsClosedGoTenMinutesAfterTheirLastUse() {
        Service<HttpExchange, HttpReply> service = service(ENDPOINT);
        call(service);
        clock.advance(IDLE);
        service.closeAsync(Duration.ZERO).block();
        clock.advance(IDLE.minusSeconds(1));
        assertThat(series(CLIENT)).isEqualTo(1);
        clock.advance(Duration.ofMinutes(1).plusSeconds(1));
        assertThat(series(CLIENT)).isZero();
        assertThat(metrics.stats().evicted()).isEqualTo(1);
        assertThat(clock.pending())
                .as("timers when there is nothing to look at")
                .isZero();
    }

    @Test
    void anEndpointThatComesBackInTimeGoesOnCounting() {
        Service<HttpExchange, HttpReply> first = service(ENDPOINT);
        call(first);
        first.closeAsync(Duration.ZERO).block();
        clock.advance(Duration.ofMinutes(5));
        Service<HttpExchange, HttpReply> second = service(ENDPOINT);
        clock.advance(IDLE.multipliedBy(2));
        call(second);
        assertThat(registry.get(CLIENT).timer().count()).isEqualTo(2);
        first.closeAsync(Duration.ZERO).block(); // again: gives nothing back that is not its own
        clock.advance(IDLE.multipliedBy(2));
        assertThat(series(CLIENT)).isEqualTo(1);
        second.closeAsync(Duration.ZERO).block();
    }

    @Test
    void anEndpointThatComesBackLateBeginsAnew() {
        Service<HttpExchange, HttpReply> first = service(ENDPOINT);
        call(first);
        first.closeAsync(Duration.ZERO).block();
        clock.advance(IDLE.multipliedBy(2));
        Service<HttpExchange, HttpReply> second = service(ENDPOINT);
        call(second);
        assertThat(registry.get(CLIENT).timer().count()).isEqualTo(1);
        second.closeAsync(Duration.ZERO).block();
    }

    @Test
    void aCallThatEndsLongAfterAllOthersRegistersNothing() {
        Sinks.One<HttpReply> late = Sinks.one();
        Service<HttpExchange, HttpReply> service = metrics.stageFor(ENDPOINT).wrap(exchange -> late.asMono());
        service.call(exchange("a")).subscribe(HttpReply::discard);
        service.closeAsync(Duration.ZERO).block();
        clock.advance(IDLE.multipliedBy(2));
        late.tryEmitValue(HttpReply.of(200)).orThrow();
        assertThat(series(CLIENT)).isZero();
        assertThat(metrics.stats().series()).isZero();
    }

    @Test
    void seriesThatTwoTargetsShareGoWithTheLast() {
        Endpoint other = ENDPOINT.withLabels(Map.of("zone", "a")); // of which OpenTelemetry knows nothing
        Service<HttpExchange, HttpReply> one = service(ENDPOINT);
        Service<HttpExchange, HttpReply> two = service(other);
        call(one);
        call(two);
        assertThat(registry.get(CLIENT).timer().count()).isEqualTo(2);
        one.closeAsync(Duration.ZERO).block();
        clock.advance(IDLE.multipliedBy(2));
        assertThat(registry.get(CLIENT).timer().count()).isEqualTo(2);
        two.closeAsync(Duration.ZERO).block();
        clock.advance(IDLE.multipliedBy(2));
        assertThat(series(CLIENT)).isZero();
    }

    @Test
    void aServiceThatIsForgottenLetsGoOfItsSeries() {
        call(service(ENDPOINT));
        await().until(() -> {
            System.gc();
            metrics.sweep();
            return metrics.stats().held() == 1; // what clients ask
        });
        clock.advance(IDLE.multipliedBy(2));
        assertThat(series(CLIENT)).isZero();
    }

    // ---- routes

    private static void exchange(HttpMetrics with, String authority, Route<String> route) {
        HttpExchange plain = exchange(authority);
        HttpExchange seen = new HttpExchange(
                plain.head(),
                plain.body(),
                plain.connection(),
                plain.deadline(),
                ExchangeNotes.attributes(),
                plain.interim());
        ExchangeObserver observer = with.exchanges().observe(seen);
        ExchangeNotes.note(seen, Route.KEY, route);
        assertThat(observer).isNotNull();
        observer.onReplyHead(new ReplyHead(200, Fields.empty()));
        observer.onEnd(Outcome.COMPLETE, null);
    }

    @Test
    void seriesOfARouteStayAsLongAsItsTable() {
        List<Route<String>> table =
                new ArrayList<>(List.of(Route.of("user", "users").withPath("/users/{id}"), Route.of("all", "other")));
        table.forEach(route -> exchange(metrics, "a", route));
        assertThat(registry.get(SERVER).timers())
                .extracting(timer -> timer.getId().getTag("http.route"))
                .containsExactlyInAnyOrder("/users/{id}", "all");
        clock.advance(IDLE.multipliedBy(3));
        assertThat(series(SERVER)).isEqualTo(2);
        table.clear();
        await().until(() -> {
            System.gc();
            metrics.sweep();
            return metrics.stats().held() == 1; // what is of no route
        });
        clock.advance(IDLE.multipliedBy(2));
        assertThat(series(SERVER)).isZero();
    }

    @Test
    void aRouteOfTheSamePathInTheNextTableGoesOnCounting() {
        exchange(metrics, "a", Route.of("one", "users").withPath("/users/{id}"));
        exchange(metrics, "a", Route.of("two", "users").withPath("/users/{id}"));
        assertThat(registry.get(SERVER).timer().count()).isEqualTo(2);
    }

    @Test
    void whatClientsSayIsForgottenThoughTheRouteStays() {
        SimpleMeterRegistry other = new SimpleMeterRegistry();
        HttpMetrics labelled = HttpMetrics.of(
                other,
                OtelConvention.DEFAULTS.withServerAddress(),
                HttpMetricsSettings.DEFAULTS,
                () -> clock.now(TimeUnit.NANOSECONDS),
                clock);
        Route<String> route = Route.of("user", "users").withPath("/users/{id}");
        exchange(labelled, "one.example:81", route);
        exchange(labelled, "two.example", route);
        assertThat(other.get(SERVER).timers())
                .extracting(timer -> timer.getId().getTag("server.address") + " "
                        + timer.getId().getTag("server.port"))
                .containsExactlyInAnyOrder("one.example 81", "two.example 80");
        clock.advance(IDLE.dividedBy(2));
        exchange(labelled, "two.example", route);
        clock.advance(IDLE.dividedBy(2).plusMinutes(2));
        assertThat(other.get(SERVER).timers())
                .extracting(timer -> timer.getId().getTag("server.address"))
                .containsExactly("two.example");
        labelled.close();
        assertThat(other.getMeters()).isEmpty();
        assertThat(route).isNotNull();
    }
}
