package io.headgate.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.ServiceFactory;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.HeldPort;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Checks of real endpoints. */
class ChecksOnTheWireTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AtomicReference<Function<HttpExchange, Mono<HttpReply>>> answer = new AtomicReference<>();
    private final AtomicReference<HttpExchange> asked = new AtomicReference<>();
    private final Gateway server = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Listener listener = server.listen("127.0.0.1", 0, exchange -> {
                asked.set(exchange);
                return answer.get().apply(exchange);
            })
            .block(PATIENCE);
    private final ServiceFactory<Endpoint, HttpExchange, HttpReply> clients =
            endpoint -> gateway.upstream(endpoint.toString());
    private final HeldPort nobody;

    ChecksOnTheWireTest() throws IOException {
        nobody = new HeldPort();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        nobody.close();
        gateway.closeAsync().block(PATIENCE);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
        server.closeAsync().block(PATIENCE);
    }

    private Endpoint endpoint(Protocol protocol) {
        return Endpoint.of("127.0.0.1", listener.port()).withProtocol(protocol);
    }

    private void answer(HttpReply reply) {
        answer.set(exchange -> Mono.just(reply));
    }

    private Endpoint refusing() {
        return Endpoint.of("127.0.0.1", nobody.number());
    }

    // ---- HTTP

    @ParameterizedTest
    @EnumSource
    void asksByHttp(Protocol protocol) {
        answer(HttpReply.text(200, "fine"));
        Health health = HttpCheck.of(clients)
                .withPath("/ready?x")
                .check(endpoint(protocol))
                .block(PATIENCE);

        assertThat(health).isEqualTo(Health.HEALTHY);
        assertThat(asked.get().head().method()).isEqualTo("GET");
        assertThat(asked.get().head().target()).isEqualTo("/ready?x");
        assertThat(asked.get().head().authority()).isEqualTo("127.0.0.1:" + listener.port());
    }

    @Test
    void saysWhatItExpected() {
        answer(HttpReply.text(404, "no"));
        HttpCheck check = HttpCheck.of(clients).withHost("orders.example");
        assertThat(check.check(endpoint(Protocol.HTTP_1)).block(PATIENCE))
                .isEqualTo(Health.unhealthy("status: 404 (expected: 200..299)"));
        assertThat(asked.get().head().authority()).isEqualTo("orders.example");
        answer(HttpReply.of(404));
        assertThat(check.withStatuses(200, 404).check(endpoint(Protocol.HTTP_1)).block(PATIENCE))
                .isEqualTo(Health.HEALTHY);
    }

    @Test
    void oneConnectionServesManyChecks() {
        answer.set(exchange -> Mono.just(HttpReply.text(200, "fine")));
        EndpointCheck check = HttpCheck.of(clients).open(endpoint(Protocol.HTTP_1));
        for (int i = 0; i < 5; i++) {
            assertThat(check.check().block(PATIENCE)).isEqualTo(Health.HEALTHY);
        }
        assertThat(server.stats().frontConnections()).isEqualTo(1);
        check.close();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(server.stats().frontConnections()).isZero());
    }

    @Test
    void aBodyWithoutEndIsGivenUp() {
        answer(HttpReply.of(
                200,
                Fields.empty(),
                Body.of(Flux.<ByteBuf>generate(sink -> sink.next(Unpooled.wrappedBuffer(new byte[8192]))))));

        assertThat(HttpCheck.of(clients).check(endpoint(Protocol.HTTP_2)).block(PATIENCE))
                .isEqualTo(Health.HEALTHY);
    }

    @Test
    void aReplyThatIsCutIsNotWell() {
        answer(HttpReply.of(
                200,
                Fields.empty(),
                Body.of(Flux.<ByteBuf>just(Unpooled.wrappedBuffer(new byte[10]))
                        .concatWith(Flux.error(new IllegalStateException("made by the test"))))));

        StepVerifier.create(HttpCheck.of(clients).check(endpoint(Protocol.HTTP_1)))
                .verifyError();
    }

    @ParameterizedTest
    @EnumSource
    void aCheckThatIsCancelledIsGivenUp(Protocol protocol) {
        answer.set(exchange -> Mono.never());
        HttpCheck check = HttpCheck.of(clients);
        var waiting = check.check(endpoint(protocol)).subscribe();
        Awaitility.await()
                .untilAsserted(() -> assertThat(server.stats().frontExchanges()).isEqualTo(1));
        waiting.dispose();

        Awaitility.await().untilAsserted(() -> {
            assertThat(server.stats().frontExchanges()).isZero();
            assertThat(gateway.stats().backExchanges()).isZero();
        });
    }

    // ---- gRPC

    private static Body message(String hex, Fields trailers) {
        byte[] bytes = ByteBufUtil.decodeHexDump(hex);
        return Body.of(Flux.just(Unpooled.wrappedBuffer(bytes)), bytes.length, Mono.just(trailers));
    }

    @ParameterizedTest
    @CsvSource({
        "00000000020801, 0, healthy",
        "00000000020802, 0, serving status: NOT_SERVING (expected: SERVING)",
        "0000000000, 0, serving status: UNKNOWN (expected: SERVING)",
        "00000000020801, 13, grpc-status: 13 (expected: 0)"
    })
    void asksByGrpc(String frame, String status, String detail) {
        AtomicReference<String> question = new AtomicReference<>();
        answer.set(exchange -> exchange.body().asBytes(1000).map(bytes -> {
            question.set(ByteBufUtil.hexDump(bytes));
            return HttpReply.of(
                    200,
                    Fields.of("content-type", "application/grpc"),
                    message(frame, Fields.of("grpc-status", status)));
        }));
        Health health = GrpcCheck.of(clients)
                .withService("a.B")
                .check(endpoint(Protocol.HTTP_2))
                .block(PATIENCE);

        assertThat(health.detail()).isEqualTo(detail);
        assertThat(health.isHealthy()).isEqualTo(detail.equals("healthy"));
        assertThat(question).hasValue("00000000050a03612e42");
        assertThat(asked.get().head().target()).isEqualTo("/grpc.health.v1.Health/Check");
        assertThat(asked.get().head().fields().get("te")).isEqualTo("trailers");
    }

    @Test
    void aServerWithoutTheServiceIsNotWell() {
        answer(HttpReply.of(200, Fields.of("content-type", "application/grpc", "grpc-status", "12"), Body.empty()));
        assertThat(GrpcCheck.of(clients).check(endpoint(Protocol.HTTP_2)).block(PATIENCE))
                .isEqualTo(Health.unhealthy("grpc-status: 12 (expected: 0)"));
        answer(HttpReply.text(503, "no"));
        assertThat(GrpcCheck.of(clients).check(endpoint(Protocol.HTTP_2)).block(PATIENCE))
                .isEqualTo(Health.unhealthy("status: 503 (expected: 200)"));
    }

    // ---- TCP

    @Test
    void connects() throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            TcpCheck check = TcpCheck.on(group, NioSocketChannel.class);
            assertThat(check.check(endpoint(Protocol.HTTP_1)).block(PATIENCE)).isEqualTo(Health.HEALTHY);
            Health refused = check.check(refusing()).block(PATIENCE);
            assertThat(refused.isHealthy()).isFalse();
            assertThat(refused.detail())
                    .contains("connection to http://127.0.0.1:")
                    .contains("refused");
            assertThat(check.check(Endpoint.of("name.invalid", 80))
                            .block(PATIENCE)
                            .detail())
                    .contains("UnresolvedAddressException");
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(server.stats().frontConnections()).isZero());
        } finally {
            group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS)
                    .sync();
        }
    }

    // ---- all together

    @Test
    void aResolutionFollowsTheHealthOfItsEndpoints() throws Exception {
        answer(HttpReply.of(204));
        Endpoint well = endpoint(Protocol.HTTP_1);
        Endpoint dead = refusing();
        Resolver source = name -> Flux.<Update<Endpoint>>just(new Update.Reset<>(List.of(well, dead)))
                .concatWith(Flux.never());
        Resolver healthy = HealthChecks.of(HttpCheck.of(clients))
                .withInterval(Duration.ofMillis(20), 0)
                .withThresholds(2, 2)
                .withPanic(0)
                .around(source);

        StepVerifier.create(healthy.resolve("orders"))
                .assertNext(update ->
                        assertThat(((Update.Reset<Endpoint>) update).members()).containsExactlyInAnyOrder(well, dead))
                .expectNext(new Update.Remove<>(List.of(dead), Update.Departure.DRAIN))
                .then(() -> answer.set(exchange -> Mono.just(HttpReply.of(503))))
                .expectNext(new Update.Remove<>(List.of(well), Update.Departure.DRAIN))
                .then(() -> answer.set(exchange -> Mono.just(HttpReply.of(204))))
                .expectNext(new Update.Upsert<>(List.of(well)))
                .thenCancel()
                .verify(PATIENCE);
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(gateway.stats().backConnections()).isZero());
    }

    @Test
    void endpointThatComesBackIsFoundByTheNextCheckHoweverLongItWasAway() {
        answer(HttpReply.of(200));
        int port = nobody.number();
        EndpointCheck check = HttpCheck.of(gateway.endpoints()).open(Endpoint.of("127.0.0.1", port));

        for (int i = 0; i < 8; i++) {
            assertThat(check.check().onErrorReturn(Health.unhealthy("away")).block(PATIENCE))
                    .isEqualTo(Health.unhealthy("away"));
        }
        server.listen("127.0.0.1", port, exchange -> Mono.just(HttpReply.of(200)))
                .block(PATIENCE);
        assertThat(check.check().block(PATIENCE)).isEqualTo(Health.HEALTHY);
        check.close();
    }
}
