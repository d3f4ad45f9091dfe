package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.zrepl.ZreplWire;
import io.headgate.test.LeakTrackingAllocator;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What the wire of 2017 can carry: one document in, and one document or octets out. */
class EndpointsOnTheOldWireTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private RpcServer server;
    private RpcConnection connection;
    private Shapes shapes;

    @BeforeEach
    void connects() {
        Endpoints endpoints = Endpoints.builder()
                .add(new ShapesHandler(allocator))
                .allocator(allocator)
                .build();
        server = RpcServer.bind(
                        RpcServerSpec.of("tcp://127.0.0.1:0", ZreplWire.DIALECT).withHandler(endpoints))
                .block(SOON);
        connection = RpcClient.connect(RpcClientSpec.of("tcp://127.0.0.1:" + server.port(), ZreplWire.DIALECT))
                .block(SOON);
        shapes = RpcClients.create().withAllocator(allocator).client(Shapes.class, connection);
    }

    @AfterEach
    void closes() {
        connection.closeAsync(SOON).block(SOON);
        server.closeAsync(SOON).block(SOON);
        await().untilAsserted(allocator::assertNoLeaks);
    }

    @Test
    void documentsGoAndComeAndOctetsCome() {
        StepVerifier.create(shapes.unary(new Point(1, 2)))
                .expectNext(new Point(2, 1))
                .verifyComplete();
        StepVerifier.create(shapes.download("f", 3).map(ShapesTest::text).reduce(String::concat))
                .expectNext("f0f1f2")
                .verifyComplete();
        StepVerifier.create(shapes.maybe(true)).expectNext("there").verifyComplete();
        StepVerifier.create(shapes.maybe(false)).verifyComplete();
        StepVerifier.create(shapes.nothing()).verifyComplete();
    }

    @Test
    void wrongCallLeavesTheConnectionUsable() {
        StepVerifier.create(RpcClients.create()
                        .client(EndpointDirectory.class, connection)
                        .endpoints())
                .assertNext(all -> assertThat(all).hasSizeGreaterThan(10))
                .verifyComplete();
        StepVerifier.create(RpcClients.create().client(Other.class, connection).unknown("a"))
                .verifyErrorSatisfies(
                        error -> assertThat(((RpcException) error).rpcStatus()).isNotEqualTo(RpcStatus.UNAVAILABLE));
        StepVerifier.create(shapes.unary(new Point(1, 2)))
                .expectNext(new Point(2, 1))
                .verifyComplete();
    }

    interface Other {
        Mono<String> unknown(String text);
    }
}
