package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.Shapes.Color;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.headgate.rpc.local.InProcess;
import io.headgate.test.LeakTrackingAllocator;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Either side of a connection serves, and calls. */
class ConnectionTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final RpcClients clients = RpcClients.create().withAllocator(allocator);
    private final Streams.Handlers handlers = new Streams.Handlers();
    private final InProcess connected = InProcess.connect(
            RpcSpec.DEFAULTS.withHandler(Endpoints.builder()
                    .add(Streams.class, handlers)
                    .allocator(allocator)
                    .build()),
            RpcSpec.DEFAULTS.withHandler(Endpoints.builder()
                    .add(new ShapesHandler(allocator))
                    .allocator(allocator)
                    .build()));
    private final Shapes shapes = clients.client(Shapes.class, connected.initiator());
    private final Streams streams = clients.client(Streams.class, connected.acceptor());

    @AfterEach
    void everyBufferIsReleased() {
        allocator.assertNoLeaks();
    }

    @Test
    void callsGoEitherWay() {
        handlers.both = values -> values.map(value -> -value);

        StepVerifier.create(shapes.unary(new Point(1, 2)))
                .expectNext(new Point(2, 1))
                .verifyComplete();
        StepVerifier.create(streams.both(Flux.range(1, 3))).expectNext(-1, -2, -3).verifyComplete();
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
        StepVerifier.create(streams.out()).expectNext(1).verifyErrorSatisfies(error -> assertThat(error.getMessage())
                .startsWith("Streams/out: internal error, id "));
    }

    @Test
    void cancelCrossesOnce() {
        AtomicInteger cancelled = new AtomicInteger();
        handlers.out = Flux.just(1).concatWith(Flux.never()).doOnCancel(cancelled::incrementAndGet);

        StepVerifier.create(streams.out()).expectNext(1).thenCancel().verify();

        assertThat(cancelled).hasValue(1);
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
