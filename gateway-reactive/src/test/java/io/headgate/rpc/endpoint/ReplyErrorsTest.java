package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** What is wrong with a reply is no fault of the caller, and is told by the names of the signature. */
class ReplyErrorsTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();

    @AfterEach
    void everyBufferIsReleased() {
        allocator.assertNoLeaks();
    }

    @Test
    void replyOfAnotherContent() {
        fails(
                "Shapes/unary: reply: content OCTETS (expected: JSON, for Shapes/unary(point: Point): Mono<Point>)",
                reply(Content.OCTETS, "x"),
                shapes -> shapes.unary(new Point(1, 2)));
        fails(
                "Shapes/range: reply: content PROTOBUF (expected: JSON, for"
                        + " Shapes/range(from: int, count: int): Flux<Integer>)",
                reply(Content.PROTOBUF, "x"),
                shapes -> shapes.range(1, 2));
        fails(
                "Shapes/nothing: reply: content JSON (expected: NONE, for Shapes/nothing(): Mono<Void>)",
                reply(Content.JSON, "1"),
                Shapes::nothing);
    }

    @Test
    void replyThatDoesNotDecode() {
        fails("Shapes/unary: result: ", reply(Content.JSON, "[]"), shapes -> shapes.unary(new Point(1, 2)));
        fails("Shapes/range: result: ", reply(Content.JSON, "1", "x"), shapes -> shapes.range(1, 2));
        fails("Shapes/range: result: null", reply(Content.JSON, "1", "null"), shapes -> shapes.range(1, 2));
    }

    @Test
    void replyOfTooMuch() {
        fails(
                "Shapes/unary: result: more than one element (expected: one, Point)",
                reply(Content.JSON, "{}", "{}"),
                shapes -> shapes.unary(new Point(1, 2)));
        fails(
                "Shapes/nothing: reply: a body (expected: none, for Shapes/nothing(): Mono<Void>)",
                reply(Content.NONE, "{}"),
                Shapes::nothing);
        fails(
                "Shapes/maybe: result: 102 bytes (expected: at most 100)",
                reply(Content.JSON, '"' + "x".repeat(100) + '"'),
                shapes -> shapes.maybe(true));
    }

    @Test
    void serviceThatGivesNoReplyOrThrows() {
        fails(
                "Shapes/nothing: reply: none (expected: one, for Shapes/nothing(): Mono<Void>)",
                this::silent,
                Shapes::nothing);
        fails("Shapes/range: reply: none (expected: one", this::silent, shapes -> shapes.range(1, 2));
        IllegalStateException thrown = new IllegalStateException("thrown");
        Service<RpcRequest, RpcReply> throwing = request -> {
            throw thrown;
        };

        StepVerifier.create(client(throwing).unary(new Point(1, 2))).verifyErrorMatches(error -> error == thrown);
    }

    @Test
    void failureOfTheServiceIsPassedOn() {
        RpcException failure = RpcException.remote(RpcStatus.NOT_FOUND, "no such point", false);
        Shapes shapes = client(request -> {
            request.body().discard();
            return Mono.error(failure);
        });

        StepVerifier.create(shapes.unary(new Point(1, 2))).verifyErrorMatches(error -> error == failure);
        StepVerifier.create(shapes.range(1, 2)).verifyErrorMatches(error -> error == failure);
    }

    @Test
    void failureBehindTheValueCounts() {
        RpcException failure = RpcException.of(RpcStatus.DATA_LOSS, "cut");
        Shapes shapes = client(request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(
                    Content.JSON, Body.of(Flux.just("{}").map(allocator::utf8).concatWith(Mono.error(failure)))));
        });

        StepVerifier.create(shapes.unary(new Point(1, 2))).verifyErrorMatches(error -> error == failure);
    }

    @Test
    void noContentAndNullAreAbsence() {
        StepVerifier.create(client(reply(Content.NONE)).maybe(true)).verifyComplete();
        StepVerifier.create(client(reply(Content.JSON)).maybe(true)).verifyComplete();
        StepVerifier.create(client(reply(Content.JSON, "null")).maybe(true)).verifyComplete();
        StepVerifier.create(client(reply(Content.NONE)).range(1, 2)).verifyComplete();
    }

    @Test
    void replyThatComesAfterCancelIsDiscarded() {
        Sinks.One<RpcReply> late = Sinks.one();
        ScriptedBody body = ScriptedBody.create();
        Shapes shapes = client(request -> {
            request.body().discard();
            return new Mono<>() {
                @Override
                public void subscribe(CoreSubscriber<? super RpcReply> actual) {
                    late.asMono().subscribe(new Deaf<>(actual));
                }
            };
        });

        StepVerifier.create(shapes.unary(new Point(1, 2)))
                .then(() -> assertThat(late.currentSubscriberCount()).isEqualTo(1))
                .thenCancel()
                .verify();
        late.tryEmitValue(RpcReply.of(Content.JSON, body)).orThrow();

        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
    }

    @Test
    void cancelledCallCancelsItsBodyOnce() {
        ScriptedBody body = ScriptedBody.create();
        Shapes shapes = client(request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(Content.OCTETS, body));
        });

        StepVerifier.create(shapes.octets(allocator.utf8("x")))
                .then(() -> body.emit(allocator.utf8("held")))
                .thenCancel()
                .verify();

        assertThat(body.cancels()).isEqualTo(1);
    }

    private Mono<RpcReply> silent(RpcRequest request) {
        request.body().discard();
        return Mono.empty();
    }

    private void fails(String message, Service<RpcRequest, RpcReply> service, Function<Shapes, Publisher<?>> call) {
        StepVerifier.create(Flux.from(call.apply(client(service))).ignoreElements())
                .verifyErrorSatisfies(error -> {
                    assertThat(error.getMessage()).startsWith(message);
                    assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
                });
    }

    private Service<RpcRequest, RpcReply> reply(Content content, String... elements) {
        return request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(
                    content, Body.of(Flux.fromIterable(List.of(elements)).map(allocator::utf8))));
        };
    }

    private Shapes client(Service<RpcRequest, RpcReply> service) {
        return RpcClients.create().withAllocator(allocator).withMaxElement(100).client(Shapes.class, service);
    }
}
