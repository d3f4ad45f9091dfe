package io.headgate.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.Stage;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.breaker.Ejection;
import io.headgate.breaker.EjectionSettings;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.route.Condition;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import io.headgate.route.ValueMatch;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import tools.jackson.databind.JsonNode;

/** What each page shows of real parts. */
@Timeout(60)
class AdminPagesTest {

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private AdminRig rig;

    @AfterEach
    void close() {
        gateway.closeAsync().block(AdminRig.LONG);
        if (rig != null) {
            rig.close();
        }
    }

    private AdminRig show(Admin.Builder admin) {
        rig = new AdminRig(admin);
        return rig;
    }

    private Listener listen(Service<HttpExchange, HttpReply> service) {
        return gateway.listen("127.0.0.1", 0, service).block(AdminRig.LONG);
    }

    private static HttpExchange get(String target) {
        return HttpExchange.of(RequestHead.of("GET", "orders.example", target), Body.empty());
    }

    // ---- metrics

    @Test
    void metricsComeInTheFormatThatIsLikedBest() throws Exception {
        show(Admin.builder().metrics(type -> "in " + type));
        assertMetrics("", Scrape.TEXT);
        assertMetrics("text/plain", Scrape.TEXT);
        assertMetrics("application/openmetrics-text", Scrape.OPEN_METRICS);
        // As Prometheus 2 and 3 ask.
        assertMetrics(
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Scrape.OPEN_METRICS);
        assertMetrics(
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.9,text/plain;version=0.0.4;q=0.4,*/*;q=0.2",
                Scrape.OPEN_METRICS);
        rig.problem(406, "GET", "/metrics", "Accept", "application/vnd.google.protobuf, application/json");
        assertThat(rig.ask("HEAD", "/metrics").body()).isEmpty();
    }

    @Test
    void registryOfMicrometerIsScraped() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.counter("orders").increment();
        show(Admin.builder().metrics(registry::scrape));
        assertThat(rig.ask("GET", "/metrics").body()).contains("# TYPE orders_total counter", "orders_total 1.0");
        assertThat(rig.ask("GET", "/metrics", "Accept", "application/openmetrics-text")
                        .body())
                .contains("# TYPE orders counter")
                .endsWith("# EOF\n");
    }

    private void assertMetrics(String accept, String type) throws Exception {
        HttpResponse<String> answer =
                accept.isEmpty() ? rig.ask("GET", "/metrics") : rig.ask("GET", "/metrics", "Accept", accept);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains(type);
        assertThat(answer.body()).isEqualTo("in " + type);
    }

    // ---- health

    @Test
    void readyNeedsAnOpenPortAndAllChecks() throws Exception {
        AtomicReference<String> wrong = new AtomicReference<>("no database");
        show(Admin.builder()
                .gateway(gateway)
                .ready("database", Mono.fromSupplier(wrong::get))
                .ready(
                        "queue",
                        Mono.error(new IllegalStateException("gone"))
                                .onErrorResume(failed -> wrong.get() == null ? Mono.empty() : Mono.error(failed))
                                .cast(String.class))
                .ready("silent", Mono.defer(() -> wrong.get() == null ? Mono.empty() : Mono.never())));
        JsonNode reasons = rig.problem(503, "GET", "/ready").get("reasons");
        assertThat(reasons.get("gateway").asString()).isEqualTo("no port is open");
        assertThat(reasons.get("database").asString()).isEqualTo("no database");
        assertThat(reasons.get("queue").asString()).contains("gone");
        assertThat(reasons.get("silent").asString()).isEqualTo("no answer within 900 ms");
        assertThat(rig.get("/live").get("status").asString()).isEqualTo("live");

        listen(exchange -> Mono.just(HttpReply.of(204)));
        wrong.set(null);
        assertThat(rig.get("/ready").get("status").asString()).isEqualTo("ready");
    }

    @Test
    void serviceThatIsNotOpenIsAReason() throws Exception {
        Balancer empty = gateway.balanced(name -> Flux.never(), "orders");
        Router<String> router = Router.follow(Flux.never(), ServiceCache.of(key -> empty));
        show(Admin.builder().ready("routes", router).routes("public", router));
        assertThat(rig.problem(503, "GET", "/ready").at("/reasons/routes").asString())
                .isEqualTo("status: BUSY (expected: OPEN)");
        assertThat(rig.get("/routes").at("/tables/0/state").asString()).isEqualTo("no table yet");
    }

    // ---- stacks and routes

    @Test
    void stacksAreDescribedAsARequestMeetsThem() throws Exception {
        Stack<Endpoint, HttpExchange, HttpReply> stack = Stack.<Endpoint, HttpExchange, HttpReply>of(
                        endpoint -> exchange -> Mono.empty())
                .push(Role.of("low"), "next to the endpoint", Stage.identity())
                .push(Role.of("high"), "above all", Stage.identity());
        show(Admin.builder().stack("orders", stack).stack("made", stack.make(Endpoint.of("127.0.0.1", 1))));
        JsonNode stacks = rig.get("/stack").get("stacks");
        assertThat(stacks.get(0).get("name").asString()).isEqualTo("orders");
        assertThat(stacks.get(0).get("layers").valueStream().map(JsonNode::asString))
                .containsExactly("high - above all", "low - next to the endpoint", "endpoint");
        assertThat(stacks.get(1).get("layers")).isEqualTo(stacks.get(0).get("layers"));
    }

    @Test
    void routesAreShownAndExplained() throws Exception {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(Route.of("site", "web"))
                .add(Route.of("user", "users")
                        .withHost("api.example.org")
                        .withPath("/users/{id}")
                        .withMethods("GET", "HEAD"))
                .add(Route.of("canary", "users-2")
                        .withHost("api.example.org")
                        .withPath("/users/{id}")
                        .withMethods("GET")
                        .withCondition(Condition.header("x-canary", ValueMatch.present())))
                .build();
        show(Admin.builder()
                .routes("public", Router.of(table, ServiceCache.of(key -> exchange -> Mono.empty())))
                .routes("same", table));
        JsonNode shown = rig.get("/routes").get("tables");
        assertThat(shown.get(0).get("routes")).isEqualTo(shown.get(1).get("routes"));
        JsonNode user = route(shown, "user");
        assertThat(user.get("to").asString()).isEqualTo("users");
        assertThat(user.get("path").asString()).isEqualTo("/users/{id}");
        assertThat(user.get("methods").toString()).isEqualTo("[\"GET\",\"HEAD\"]");

        String asked = "/routes?explain=GET%20http://api.example.org/users/7%3Fx=1";
        JsonNode plain = rig.get(asked);
        assertThat(plain.get("request").asString()).isEqualTo("GET http://api.example.org/users/7?x=1");
        assertThat(plain.at("/tables/0/chosen").asString()).isEqualTo("user");
        assertThat(plain.at("/tables/0/verdicts")
                        .valueStream()
                        .filter(verdict -> verdict.get("route").asString().equals("canary"))
                        .findFirst()
                        .orElseThrow()
                        .get("reason")
                        .asString())
                .contains("x-canary");
        assertThat(rig.get(asked + "&header=x-canary:1").at("/tables/1/chosen").asString())
                .isEqualTo("canary");
    }

    private static JsonNode route(JsonNode tables, String name) {
        return tables.get(0)
                .get("routes")
                .valueStream()
                .filter(route -> route.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    // ---- endpoints, pools, figures

    @Test
    void endpointsAreShownWithLoadBreakerAndEjection() throws Exception {
        Sinks.Empty<Void> go = Sinks.empty();
        Listener server = listen(exchange -> exchange.head().target().equals("/bad")
                ? Mono.just(HttpReply.of(503))
                : go.asMono().then(Mono.fromSupplier(() -> HttpReply.of(204))));
        CircuitBreakers breakers =
                CircuitBreakers.of(() -> CircuitBreaker.of(BreakerSettings.DEFAULTS.withConsecutiveFailures(2)));
        Ejection ejection =
                Ejection.of(EjectionSettings.DEFAULTS.withConsecutiveFailures(1).withCap(1, 0));
        Stack<Endpoint, HttpExchange, HttpReply> stack = Stack.of(gateway.endpoints())
                .pushFor(Role.of("breaker"), "above the endpoint", breakers::stageFor)
                .pushFor(Role.of("ejection"), "above the breaker", ejection::stageFor);
        Endpoint endpoint = Endpoint.of("127.0.0.1", server.port());
        Balancer balancer = Balancer.create(
                Flux.just(new Update.Reset<>(List.of(endpoint))), stack::make, BalancerSettings.DEFAULTS);
        Upstream upstream = gateway.upstream("http://127.0.0.1:" + server.port());
        show(Admin.builder()
                .gateway(gateway)
                .balancer("orders", balancer)
                .upstream("plain", upstream)
                .breakers("breaker", breakers)
                .ejection("outliers", ejection)
                .figures("ejection", ejection::stats));
        balancer.call(get("/bad")).doOnNext(HttpReply::discard).block(AdminRig.LONG);
        Mono<HttpReply> slow =
                upstream.call(get("/slow")).doOnNext(HttpReply::discard).cache();
        slow.subscribe();

        await().untilAsserted(() -> {
            JsonNode row = rig.get("/endpoints").at("/balancers/0/endpoints/0");
            assertThat(row.get("endpoint").asString()).isEqualTo(endpoint.toString());
            assertThat(row.get("status").asString()).isEqualTo("BUSY"); // ejected
            assertThat(row.get("openCalls").asInt()).isZero();
            assertThat(row.get("load").asDouble()).isPositive();
            assertThat(row.at("/breakers/breaker/state").asString()).isEqualTo("CLOSED");
            assertThat(row.at("/breakers/breaker/consecutiveFailures").asInt()).isEqualTo(1);
            assertThat(row.at("/ejected/outliers/left").asString()).startsWith("PT");
            assertThat(rig.get("/stats").at("/ejection/ejections").asInt()).isEqualTo(1);
            assertThat(rig.get("/stats").at("/gateway/backExchanges").asInt()).isEqualTo(1);
            JsonNode pools = rig.get("/pools").get("pools");
            assertThat(pools).hasSize(2);
            assertThat(pools.findValues("exchanges").stream()
                            .mapToInt(JsonNode::asInt)
                            .sum())
                    .isEqualTo(1);
        });
        JsonNode named = rig.get("/endpoints").at("/upstreams/0/endpoints/0");
        assertThat(named.get("endpoint").asString()).isEqualTo(endpoint.toString());
        go.tryEmitEmpty();
        assertThat(slow.block(AdminRig.LONG).status()).isEqualTo(204);
        balancer.closeAsync(AdminRig.LONG).block(AdminRig.LONG);
    }

    // ---- drain

    @Test
    void drainIsAskedForByPostAndFollowed() throws Exception {
        Sinks.Empty<Void> go = Sinks.empty();
        Listener server = listen(exchange -> go.asMono().then(Mono.fromSupplier(() -> HttpReply.of(204))));
        Gateway client = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        show(Admin.builder().gateway(gateway));
        Mono<HttpReply> slow = client.upstream("http://127.0.0.1:" + server.port())
                .call(get("/"))
                .doOnNext(HttpReply::discard)
                .cache();
        slow.subscribe();
        await().until(() -> gateway.stats().frontExchanges() == 1);
        assertThat(rig.get("/drain").get("state").asString()).isEqualTo("open");
        JsonNode wrong = rig.problem(400, "POST", "/drain?grace=soon");
        assertThat(wrong.get("parameter").asString()).isEqualTo("grace");
        rig.problem(405, "PUT", "/drain");
        assertThat(gateway.isDraining()).isFalse();

        HttpResponse<String> answer = rig.ask("POST", "/drain?grace=20s");
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(AdminRig.json(answer.body()).get("state").asString()).isEqualTo("draining");
        assertThat(rig.problem(503, "GET", "/ready").at("/reasons/gateway").asString())
                .isEqualTo("draining");
        assertThat(rig.get("/live").get("status").asString()).isEqualTo("live");
        try (AdminRig.EventStream events = rig.events("/drain")) {
            assertThat(events.next("drain").data().get("exchanges").asInt()).isEqualTo(1);
            go.tryEmitEmpty();
            JsonNode last = null;
            for (var event = events.next(); event != null; event = events.next()) {
                last = event.data();
            }
            assertThat(last.get("state").asString()).isEqualTo("drained");
            assertThat(last.get("cut").asInt()).isZero();
            assertThat(last.get("exchanges").asInt()).isZero();
        }
        assertThat(slow.block(AdminRig.LONG).status()).isEqualTo(204);
        assertThat(rig.get("/drain").get("state").asString()).isEqualTo("drained");
        client.closeAsync().block(AdminRig.LONG);
    }

    // ---- names

    @Test
    void namesAreUnique() {
        assertThatThrownBy(() -> Admin.builder().figures("a", () -> 1).figures("a", () -> 2))
                .hasMessage("name: a (expected: one that is not there yet)");
        assertThatThrownBy(() -> Admin.builder().figures(" ", () -> 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
