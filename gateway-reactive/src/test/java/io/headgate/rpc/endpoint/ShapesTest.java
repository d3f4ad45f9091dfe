package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import io.headgate.Deadline;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.endpoint.Shapes.Color;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class ShapesTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Endpoints endpoints = Endpoints.builder()
            .add(new ShapesHandler(allocator))
            .allocator(allocator)
            .build();
    private final RpcClients clients = RpcClients.create().withAllocator(allocator);
    private final Shapes shapes = clients.client(Shapes.class, endpoints);

    @AfterEach
    void everyBufferIsReleased() {
        allocator.assertNoLeaks();
    }

    @Test
    void valueGoesAndComes() {
        StepVerifier.create(shapes.unary(new Point(1, 2)))
                .expectNext(new Point(2, 1))
                .verifyComplete();
    }

    @Test
    void eachSubscriptionIsACall() {
        StepVerifier.create(shapes.unary(new Point(1, 2)).repeat(2))
                .expectNextCount(3)
                .verifyComplete();
    }

    @Test
    void severalValuesOfAllKindsNullAmongThem() {
        StepVerifier.create(shapes.several("ab", 2, Color.GREEN, null))
                .expectNext("abab GREEN null")
                .verifyComplete();
        StepVerifier.create(shapes.several("é", 1, Color.RED, new Point(3, 4)))
                .expectNext("é RED Point[x=3, y=4]")
                .verifyComplete();
    }

    @Test
    void nothingInAndNothingOut() {
        StepVerifier.create(shapes.nothing()).verifyComplete();
    }

    @Test
    void emptyMonoIsAnAnswer() {
        StepVerifier.create(shapes.maybe(true)).expectNext("there").verifyComplete();
        StepVerifier.create(shapes.maybe(false)).verifyComplete();
    }

    @Test
    void optionalIsAValue() {
        StepVerifier.create(shapes.optional(Optional.of("a")))
                .expectNext(Optional.of("a!"))
                .verifyComplete();
        StepVerifier.create(shapes.optional(Optional.empty()))
                .expectNext(Optional.empty())
                .verifyComplete();
    }

    @Test
    void nestedGenericsKeepTheirTypes() {
        Map<String, List<Point>> given = Map.of("a", List.of(new Point(1, 2)), "b", List.of());

        StepVerifier.create(shapes.nested(given)).expectNext(given).verifyComplete();
    }

    @Test
    void messagesOfProtobuf() {
        StepVerifier.create(shapes.message(StringValue.of("a")))
                .expectNext(StringValue.of("a!"))
                .verifyComplete();
        StepVerifier.create(shapes.messages(3).map(StringValue::getValue))
                .expectNext("m0", "m1", "m2")
                .verifyComplete();
    }

    @Test
    void octetsPassWithoutACopy() {
        ByteBuf given = allocator.utf8("bytes");

        StepVerifier.create(shapes.octets(given))
                .assertNext(got -> {
                    assertThat(got).isSameAs(given);
                    got.release();
                })
                .verifyComplete();
    }

    @Test
    void streamIn() {
        StepVerifier.create(shapes.sum(Flux.range(1, 100))).expectNext(5050L).verifyComplete();
        StepVerifier.create(shapes.sum(Flux.empty())).expectNext(0L).verifyComplete();
    }

    @Test
    void valuesInFrontOfAStream() {
        StepVerifier.create(shapes.label("x", Color.RED, Flux.just(new Point(1, 1), new Point(2, 2))))
                .expectNext("x RED 2")
                .verifyComplete();
        StepVerifier.create(shapes.label("x", Color.RED, Flux.empty()))
                .expectNext("x RED 0")
                .verifyComplete();
    }

    @Test
    void streamOut() {
        StepVerifier.create(shapes.range(5, 3)).expectNext(5, 6, 7).verifyComplete();
        StepVerifier.create(shapes.range(5, 0)).verifyComplete();
    }

    @Test
    void streamsBothWays() {
        StepVerifier.create(shapes.both("abc", Flux.range(0, 3).map(i -> new Point(i, 0))))
                .expectNext(new Point(3, 0), new Point(3, 1), new Point(3, 2))
                .verifyComplete();
    }

    @Test
    void rawBothWays() {
        StepVerifier.create(shapes.raw(Flux.just("a", "b").map(allocator::utf8)).map(ShapesTest::text))
                .expectNext("a", "b")
                .verifyComplete();
    }

    @Test
    void uploadWithValues() {
        StepVerifier.create(shapes.upload(
                        "f\"ü€\n", Color.GREEN, Flux.just("ab", "cde").map(allocator::utf8)))
                .expectNext("f\"ü€\n GREEN 5")
                .verifyComplete();
    }

    @Test
    void download() {
        StepVerifier.create(shapes.download("f", 3).map(ShapesTest::text))
                .expectNext("f0", "f1", "f2")
                .verifyComplete();
    }

    @Test
    void contextTravelsBesideTheValues() {
        RpcContext context = RpcContext.EMPTY
                .withFields(Fields.of("tenant", "blue"))
                .withDeadline(Deadline.after(Duration.ofMinutes(1)));

        StepVerifier.create(shapes.context(context, "tenant"))
                .expectNext("tenant=blue true")
                .verifyComplete();
        StepVerifier.create(clients.withTimeout(Duration.ofMinutes(1))
                        .client(Shapes.class, endpoints)
                        .context(RpcContext.EMPTY, "tenant"))
                .expectNext("tenant=null true")
                .verifyComplete();
    }

    @Test
    void directoryTellsTheSignatures() {
        EndpointDirectory directory = clients.client(EndpointDirectory.class, endpoints);

        StepVerifier.create(directory.endpoints()).expectNext(endpoints.list()).verifyComplete();
        assertThat(endpoints.describe().lines())
                .contains(
                        "Shapes/both(prefix: String, points: Flux<Point>): Flux<Point>",
                        "Shapes/context(name: String): Mono<String>",
                        "Shapes/nested(given: Map<String, List<Point>>): Mono<Map<String, List<Point>>>",
                        "Shapes/nothing(): Mono<Void>",
                        "Shapes/raw(bytes: Flux<ByteBuf>): Flux<ByteBuf>");
        assertThat(endpoints.list())
                .filteredOn(info -> info.name().equals("Shapes/upload"))
                .singleElement()
                .satisfies(info -> {
                    assertThat(info.request()).isEqualTo(Content.OCTETS);
                    assertThat(info.reply()).isEqualTo(Content.JSON);
                    assertThat(info.shape()).isEqualTo(EndpointInfo.Shape.CLIENT_STREAM);
                });
    }

    static String text(ByteBuf buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }
}
