package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.google.protobuf.StringValue;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.Shapes.Color;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Either side of a connection serves, and calls: what holds whatever the connection is made of. */
abstract class EndpointsOverConnections {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final RpcClients clients = RpcClients.create().withAllocator(allocator);
    private final Streams.Handlers handlers = new Streams.Handlers();
    private Connected connected;
    private Shapes shapes;
    private Streams streams;

    /** Both sides of a connection. */
    record Connected(RpcConnection initiator, RpcConnection acceptor) {}

    abstract Connected connect(RpcSpec initiator, RpcSpec acceptor);

    /** Closes what the connection needed. */
    void closeRest() {}

    @BeforeEach
    void connects() {
        connected = connect(spec(Streams.class, handlers), spec(Shapes.class, new ShapesHandler(allocator)));
        shapes = clients.client(Shapes.class, connected.initiator());
        streams = clients.client(Streams.class, connected.acceptor());
    }

    private <T> RpcSpec spec(Class<T> type, T handler) {
        return RpcSpec.DEFAULTS.withHandler(
                Endpoints.builder().add(type, handler).allocator(allocator).build());
    }

    @AfterEach
    void endsCleanAndLeavesNothingBehind() {
        connected.initiator().closeAsync(SOON).block(SOON);
        assertThat(connected.initiator().closed().block(SOON))
                .extracting(Ending::kind)
                .isEqualTo(Ending.Kind.CLEAN);
        closeRest();
        await().untilAsserted(allocator::assertNoLeaks);
    }

    @Test
    void callsGoEitherWay() {
        handlers.both = values -> values.map(value -> -value);

        StepVerifier.create(shapes.unary(new Point(1, 2)))
                .expectNext(new Point(2, 1))
                .verifyComplete();
        StepVerifier.create(streams.both(Flux.range(1, 3)))
                .expectNext(-1, -2, -3)
                .verifyComplete();
    }

    @Test
    void noOctetsAreAValue() {
        StepVerifier.create(shapes.octets(allocator.buffer(0)).map(EndpointsOverConnections::sizeAndRelease))
                .expectNext(0)
                .verifyComplete();
    }

    private static int sizeAndRelease(ByteBuf octets) {
        int size = octets.readableBytes();
        octets.release();
        return size;
    }

    @Test
    void uploadsAndDownloads() {
        StepVerifier.create(shapes.upload("f", Color.RED, Flux.range(0, 10).map(i -> allocator.utf8("0123456789"))))
                .expectNext("f RED 100")
                .verifyComplete();
        StepVerifier.create(shapes.download("f", 10).map(ShapesTest::text).reduce(String::concat))
                .expectNext("f0f1f2f3f4f5f6f7f8f9")
                .verifyComplete();
    }

    @Test
    void failuresOfHandlersArriveAsThoseOfTheOtherSide() {
        handlers.one = Mono.error(RpcException.of(RpcStatus.NOT_FOUND, "no such thing"));
        StepVerifier.create(streams.one()).verifyErrorSatisfies(error -> {
            assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.NOT_FOUND);
            assertThat(((RpcException) error).isRemote()).isTrue();
            assertThat(error).hasMessage("no such thing");
        });

        handlers.out = Flux.just(1).concatWith(Mono.error(new IllegalStateException("secret")));
        StepVerifier.create(streams.out())
                .expectNext(1)
                .verifyErrorSatisfies(
                        error -> assertThat(error.getMessage()).startsWith("Streams/out: internal error, id "));
    }

    @Test
    void cancelCrossesOnce() {
        AtomicInteger cancelled = new AtomicInteger();
        handlers.out = Flux.just(1).concatWith(Flux.never()).doOnCancel(cancelled::incrementAndGet);

        StepVerifier.create(streams.out()).expectNext(1).thenCancel().verify();

        await().untilAtomic(cancelled, equalTo(1));
    }

    @Test
    void valuesOfEachKind() {
        StepVerifier.create(shapes.several("é", 2, Color.GREEN, null))
                .expectNext("éé GREEN null")
                .verifyComplete();
        StepVerifier.create(shapes.nothing()).verifyComplete();
        StepVerifier.create(shapes.maybe(false)).verifyComplete();
        StepVerifier.create(shapes.message(StringValue.of("a")))
                .expectNext(StringValue.of("a!"))
                .verifyComplete();
        StepVerifier.create(shapes.octets(allocator.utf8("bytes")).map(ShapesTest::text))
                .expectNext("bytes")
                .verifyComplete();
        StepVerifier.create(shapes.label("x", Color.RED, Flux.just(new Point(1, 1), new Point(2, 2))))
                .expectNext("x RED 2")
                .verifyComplete();
        StepVerifier.create(shapes.range(5, 0)).verifyComplete();
    }

    @Test
    void wrongArgumentsAreToldByTheSideThatSeesThem() {
        StepVerifier.create(shapes.unary(null))
                .verifyErrorSatisfies(error -> assertThat(error).isNotNull());
        StepVerifier.create(clients.client(Streams.class, connected.initiator()).one())
                .verifyErrorSatisfies(error -> {
                    assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.UNIMPLEMENTED);
                    assertThat(error).hasMessage("endpoint: Streams/one (expected: one that headgate/endpoints lists)");
                });
    }

    @Test
    void clientWithoutAnInterfaceCanAskWhatThereIs() {
        StepVerifier.create(clients.client(EndpointDirectory.class, connected.acceptor())
                        .endpoints()
                        .map(all -> all.get(0).toString()))
                .expectNext("Streams/behind(head: String, values: Flux<Integer>): Mono<String>")
                .verifyComplete();
    }
}
