package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.MuxSettings;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What a gateway shows of its pools and listeners. */
@Timeout(60)
class GatewayViewsTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2));
    private final Gateway outside = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Sinks.Empty<Void> go = Sinks.empty();
    private final Listener server = outside.listen(
                    "127.0.0.1", 0, exchange -> go.asMono().then(Mono.fromSupplier(() -> HttpReply.text(200, "done"))))
            .block(LONG);

    @AfterEach
    void close() {
        go.tryEmitEmpty();
        gateway.closeAsync().block(LONG);
        outside.closeAsync().block(LONG);
        assertThat(gateway.pools()).isEmpty();
        assertThat(gateway.listeners()).isEmpty();
    }

    private static HttpExchange get() {
        return HttpExchange.of(RequestHead.of("GET", "orders.example", "/"), Body.empty());
    }

    private static Mono<String> begin(Service<HttpExchange, HttpReply> service) {
        Mono<String> call =
                service.call(get()).flatMap(reply -> reply.body().asString(100)).cache();
        call.subscribe(text -> {}, error -> {});
        return call;
    }

    private PoolStats pool() {
        List<PoolStats> pools = gateway.pools();
        assertThat(pools).hasSize(1);
        return pools.get(0);
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void poolShowsItsConnectionsOverAllEventLoops(Protocol protocol) {
        Endpoint endpoint = Endpoint.of("127.0.0.1", server.port()).withProtocol(protocol);
        Service<HttpExchange, HttpReply> service = gateway.endpoints().create(endpoint);
        assertThat(pool()).isEqualTo(new PoolStats(endpoint, 0, 0, 0, 0, 0, 0, 0, false));

        Mono<String> one = begin(service); // a loop each
        Mono<String> two = begin(service);
        await().untilAsserted(() -> assertThat(pool()).isEqualTo(new PoolStats(endpoint, 2, 0, 2, 0, 0, 2, 0, false)));

        go.tryEmitEmpty();
        assertThat(one.block(LONG)).isEqualTo("done");
        assertThat(two.block(LONG)).isEqualTo("done");
        await().untilAsserted(() -> assertThat(pool()).isEqualTo(new PoolStats(endpoint, 2, 2, 0, 0, 0, 2, 0, false)));

        service.closeAsync(Duration.ZERO).block(LONG);
        assertThat(gateway.pools()).isEmpty();
    }

    @Test
    void exchangesThatWaitForAConnectionAreTold() {
        MuxSettings settings = MuxSettings.builder().maxConnections(2).build(); // one for each loop
        Upstream upstream = gateway.upstream(settings, "http://127.0.0.1:" + server.port());
        for (int i = 0; i < 6; i++) {
            begin(upstream);
        }
        await().untilAsserted(() -> {
            assertThat(pool().exchanges()).isEqualTo(2);
            assertThat(pool().waiting()).isEqualTo(4);
        });
        go.tryEmitEmpty();
        await().untilAsserted(() -> {
            assertThat(pool().exchanges()).isZero();
            assertThat(pool().waiting()).isZero();
        });
    }

    @Test
    void endpointThatCannotBeConnectedToIsLeftAlone() throws IOException {
        try (HeldPort nobody = new HeldPort()) {
            Service<HttpExchange, HttpReply> service =
                    gateway.endpoints().create(Endpoint.of("127.0.0.1", nobody.number()));
            await().pollInterval(Duration.ofMillis(5))
                    .until(
                            () -> { // longer each time, so one look is in time
                                begin(service);
                                return pool().isLeftAlone();
                            });
            await().untilAsserted(
                            () -> { // the last call may dial once more
                                PoolStats left = pool();
                                assertThat(left.dialing()).isZero();
                                assertThat(left.failedDials()).isPositive().isEqualTo(left.dials());
                            });
            service.closeAsync(Duration.ZERO).block(LONG);
        }
    }

    @Test
    void upstreamShowsItsEndpointsInTheirOrder() {
        Upstream upstream = gateway.upstream("http://127.0.0.1:81", "h2c://orders.example:82");
        assertThat(upstream.endpoints())
                .containsExactly(
                        Endpoint.of("127.0.0.1", 81),
                        Endpoint.of("orders.example", 82).withProtocol(Protocol.HTTP_2));
        assertThat(gateway.pools()).extracting(PoolStats::endpoint).hasSameElementsAs(upstream.endpoints());
        upstream.closeAsync(Duration.ZERO).block(LONG);
        assertThat(gateway.pools()).isEmpty();
    }

    @Test
    void poolOfAClosedServiceStaysUntilItsLastExchangeHasEnded() {
        Upstream upstream = gateway.upstream("h2c://127.0.0.1:" + server.port());
        Mono<String> call = begin(upstream);
        await().until(() -> pool().exchanges() == 1);
        upstream.closeAsync(LONG).subscribe().dispose(); // nobody listens, and the drain goes on
        assertThat(pool().exchanges()).isEqualTo(1);
        go.tryEmitEmpty();
        assertThat(call.block(LONG)).isEqualTo("done");
        await().until(() -> gateway.pools().isEmpty());
    }

    @Test
    void progressIsToldWithoutADrainAndWhileThereIsOne() throws IOException {
        assertThat(gateway.progress()).isEqualTo(new DrainProgress(false, 0, 0, 0, Duration.ZERO));
        Upstream upstream = gateway.upstream("http://127.0.0.1:" + server.port());
        Listener one = gateway.listen("127.0.0.1", 0, upstream).block(LONG);
        Listener two = gateway.listen("127.0.0.1", 0, upstream).block(LONG);
        assertThat(gateway.listeners()).containsExactlyInAnyOrder(one, two);

        Mono<String> call = begin(outside.upstream("http://127.0.0.1:" + one.port()));
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), two.port())) {
            await().until(() -> gateway.progress().equals(new DrainProgress(true, 2, 1, 0, Duration.ZERO)));
            assertThat(one.progress()).isEqualTo(new DrainProgress(true, 1, 1, 0, Duration.ZERO));
            assertThat(two.progress()).isEqualTo(new DrainProgress(true, 1, 0, 0, Duration.ZERO));
            assertThat(one.isDraining()).isFalse();
            assertThat(silent.isConnected()).isTrue();
        }
        one.drain(LONG).subscribe();
        await().until(() -> one.isDraining() && !one.progress().listening());
        assertThat(one.progress().exchanges()).isEqualTo(1);
        assertThat(one.progress().elapsed()).isPositive();
        assertThat(two.isDraining()).isFalse();
        assertThat(gateway.isDraining()).isFalse();
        go.tryEmitEmpty();
        assertThat(call.block(LONG)).isEqualTo("done");
        await().until(() -> one.progress().isDrained());
        assertThat(one.progress().cut()).isZero();
        assertThat(gateway.listeners()).containsExactly(two);
        gateway.closeAsync().block(LONG);
        assertThat(gateway.isDraining()).isTrue();
        assertThat(gateway.progress().isDrained()).isTrue();
    }
}
