package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.TlsName;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.Endpoints;
import io.headgate.rpc.endpoint.RpcClients;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.timeout.ExchangeTimeout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Interfaces, stages, a balancer, a pool and servers, all on sockets. */
@Timeout(60)
class TypedCallsOnTheWireTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** What is called. */
    public interface Numbers {

        /** Who answers. */
        Mono<String> name();

        /** Adds up what it is sent. */
        Mono<Integer> sum(Flux<Integer> numbers);

        /** Counts up. */
        Flux<Integer> count(int from);

        /** Never answers. */
        Mono<String> never();
    }

    private final Calls calls = new Calls();
    private final RpcHttp bridge = RpcHttp.create();
    private final List<RpcServer> servers = new ArrayList<>();
    private final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final Balancer balancer = Balancer.create(
            updates.asFlux(),
            RpcPool.connecting(bridge, address -> RpcClientSpec.of(address, HeadgateWire.DIALECT)),
            BalancerSettings.DEFAULTS.withStrategy(Strategy.roundRobin()));

    private final class Named implements Numbers {

        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public Mono<String> name() {
            return Mono.just(name);
        }

        @Override
        public Mono<Integer> sum(Flux<Integer> numbers) {
            return numbers.reduce(0, Integer::sum);
        }

        @Override
        public Flux<Integer> count(int from) {
            return from < 0
                    ? Flux.concat(Flux.just(1, 2), Flux.error(RpcException.of(RpcStatus.OUT_OF_RANGE, "from: " + from)))
                    : Flux.range(from, Integer.MAX_VALUE - from).doOnCancel(cancelled::countDown);
        }

        @Override
        public Mono<String> never() {
            return Mono.<String>never().doOnCancel(cancelled::countDown);
        }
    }

    private Endpoint server(String name) {
        RpcServer server = RpcServer.bind(RpcServerSpec.of("tcp://127.0.0.1:0", HeadgateWire.DIALECT)
                        .withHandler(Endpoints.of(new Named(name))))
                .block(LONG);
        servers.add(server);
        return Endpoint.of("127.0.0.1", server.port());
    }

    private void reset(Endpoint... endpoints) {
        updates.tryEmitNext(new Update.Reset<>(List.of(endpoints))).orThrow();
    }

    private Numbers client() {
        Retry retry = Retry.of(RetryPolicy.DEFAULTS, RetryBudget.of(BudgetSettings.DEFAULTS));
        return RpcClients.create().client(Numbers.class, bridge.through(retry.wrap(balancer)));
    }

    @AfterEach
    void close() {
        balancer.closeAsync(Duration.ofSeconds(1)).block(LONG);
        servers.forEach(server -> server.closeAsync(Duration.ZERO).block(LONG));
        calls.assertNoLeaks();
    }

    private static Set<String> names(Numbers client) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            names.add(client.name().block(LONG));
        }
        return names;
    }

    @Test
    void callsAreSpreadAndFollowTheResolutionAndLeaveWhatIsGone() {
        Endpoint one = server("one");
        Endpoint two = server("two");
        Endpoint three = server("three");
        reset(one, two);
        Numbers client = client();
        assertThat(names(client)).containsExactlyInAnyOrder("one", "two");
        updates.tryEmitNext(new Update.Upsert<>(List.of(three))).orThrow();
        updates.tryEmitNext(new Update.Remove<>(List.of(one), Departure.DRAIN)).orThrow();
        assertThat(names(client)).containsExactlyInAnyOrder("two", "three");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(servers.get(0).connections()).isEmpty());
        servers.get(1).closeAsync(Duration.ZERO).block(LONG);
        assertThat(names(client)).containsExactly("three"); // the call that finds nobody is made again elsewhere
    }

    @Test
    void allShapesPassThroughTheStages() throws InterruptedException {
        reset(server("one"));
        Numbers client = client();
        assertThat(client.sum(Flux.range(1, 1000)).block(LONG)).isEqualTo(500_500);
        StepVerifier.create(client.count(7), 3)
                .expectNext(7, 8, 9)
                .thenRequest(2)
                .expectNext(10, 11)
                .thenCancel()
                .verify(LONG);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
        StepVerifier.create(client.count(-1))
                .expectNext(1, 2)
                .expectErrorSatisfies(
                        error -> assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.OUT_OF_RANGE))
                .verify(LONG);
    }

    @Test
    void aTimeoutCancelsTheHandlerAtTheOtherEnd() throws InterruptedException {
        reset(server("one"));
        Numbers client = RpcClients.create()
                .client(
                        Numbers.class,
                        bridge.stage(ExchangeTimeout.of(Duration.ofMillis(200))).wrap(bridge.through(balancer)));
        assertThatThrownBy(() -> client.never().block(LONG))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        failure -> assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED));
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void clientsOfHttpReachTheServersThroughAGateway() {
        reset(server("one"));
        Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        try {
            Listener listener = gateway.listen("127.0.0.1", 0, bridge.toHttp(bridge.through(balancer)))
                    .block(LONG);
            var http = gateway.upstream("http://127.0.0.1:" + listener.port());
            HttpReply name =
                    http.call(calls.post("/Numbers/name", Body.empty())).block(LONG);
            assertThat(name.fields().get("content-type")).isEqualTo("application/json");
            assertThat(Calls.text(name)).isEqualTo("\"one\"");
            HttpReply sum = http.call(calls.post(
                            "/Numbers/sum",
                            calls.body("1\n", "2\n3", "4\n"),
                            "content-type",
                            "application/x-ndjson",
                            "accept",
                            "application/json"))
                    .block(LONG);
            assertThat(Calls.text(sum)).isEqualTo("37");
            HttpReply none =
                    http.call(calls.post("/Numbers/none", Body.empty())).block(LONG);
            assertThat(none.status()).isEqualTo(404);
            assertThat(none.fields().get("rpc-status")).isEqualTo("12");
            none.discard();
            HttpReply endless = http.call(calls.post(
                            "/Numbers/count",
                            calls.one("0"),
                            "content-type",
                            "application/json",
                            "accept",
                            "text/event-stream"))
                    .block(LONG);
            String events = endless.body()
                    .map(Calls::text)
                    .scan("", String::concat)
                    .filter(text -> text.contains("data: 3\n\n"))
                    .blockFirst(LONG);
            assertThat(events).startsWith("data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n");
        } finally {
            gateway.closeAsync().block(LONG);
        }
    }

    @Test
    void anIdentityThatClientsCannotCheckIsRefused() {
        RpcPool pool = RpcPool.connecting(bridge, address -> RpcClientSpec.of(address, HeadgateWire.DIALECT));
        assertThatThrownBy(() -> pool.create(Endpoint.of("a", 1).withTls(new TlsName("spiffe://a/b", "a"))))
                .hasMessageContaining("identity: spiffe://a/b")
                .hasMessageContaining("expected: the server name, a");
        assertThat(pool.create(Endpoint.of("a", 1).withTls(TlsName.dns("a"))).describe())
                .contains("tls://a:1");
    }
}
