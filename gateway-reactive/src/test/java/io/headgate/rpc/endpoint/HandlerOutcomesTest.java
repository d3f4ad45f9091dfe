package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** Whatever a handler does, its caller hears of it once, and nothing is left behind. */
class HandlerOutcomesTest {

    private static final RpcException NOT_FOUND = RpcException.of(RpcStatus.NOT_FOUND, "no such thing");

    private static final int RACES = 20_000;

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Streams.Handlers handlers = new Streams.Handlers();
    private final Endpoints endpoints = Endpoints.builder()
            .add(Streams.class, handlers)
            .allocator(allocator)
            .build();
    private final Streams streams = RpcClients.create().withAllocator(allocator).client(Streams.class, endpoints);

    @AfterEach
    void everyBufferIsReleased() {
        allocator.assertNoLeaks();
    }

    @Test
    @SuppressWarnings("DataFlowIssue")
    void nullInThePlaceOfAPublisher() {
        handlers.one = null;
        handlers.out = null;

        StepVerifier.create(streams.one())
                .verifyErrorMatches(
                        error -> isInternal(error, "Streams/one: the handler returned null (expected: a Mono)"));
        StepVerifier.create(streams.out())
                .verifyErrorMatches(
                        error -> isInternal(error, "Streams/out: the handler returned null (expected: a Flux)"));
    }

    @Test
    void octetsThatComeWithACancellationAreReleased() {
        AtomicReference<CoreSubscriber<? super ByteBuf>> reader = new AtomicReference<>();
        Flux<ByteBuf> octets = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                reader.set(actual);
                actual.onSubscribe(Operators.emptySubscription());
            }
        };
        Shapes shapes = RpcClients.create().client(Shapes.class, request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(Content.OCTETS, Body.of(octets)));
        });
        for (int i = 0; i < RACES; i++) {
            Disposable call = shapes.octets(Unpooled.EMPTY_BUFFER).subscribe(ByteBuf::release);
            ByteBuf buffer = allocator.buffer(1).writeByte(1);
            RaceTestUtils.race(() -> reader.get().onNext(buffer), call::dispose);
            assertThat(buffer.refCnt()).isZero();
        }
    }

    @Test
    void whatIsThrownIsPassedOn() {
        AtomicInteger cancelled = new AtomicInteger();
        IllegalStateException thrown = new IllegalStateException("thrown");
        handlers.in = values -> {
            throw thrown;
        };

        StepVerifier.create(streams.in(Flux.<Integer>never().doOnCancel(cancelled::incrementAndGet)))
                .verifyErrorMatches(error -> error == thrown);
        StepVerifier.create(streams.behind("a", Flux.<Integer>never().doOnCancel(cancelled::incrementAndGet)))
                .verifyErrorMatches(error -> error == thrown);
        assertThat(cancelled).hasValue(0); // neither was read
    }

    @Test
    void failureIsPassedOn() {
        handlers.one = Mono.error(NOT_FOUND);

        StepVerifier.create(streams.one()).verifyErrorMatches(error -> error == NOT_FOUND);
    }

    @Test
    void streamThatFailsAtOnceFailsTheCall() {
        handlers.out = Flux.error(NOT_FOUND);

        StepVerifier.create(endpoints.call(call("Streams/out"))).verifyErrorMatches(error -> error == NOT_FOUND);
    }

    @Test
    void streamThatFailsLaterFailsItsBody() {
        handlers.out = Flux.just(1, 2).concatWith(Mono.error(NOT_FOUND));

        StepVerifier.create(streams.out()).expectNext(1, 2).verifyErrorMatches(error -> error == NOT_FOUND);
    }

    @Test
    void streamThatFailsBeforeItIsReadTellsItsReader() {
        Sinks.Many<Integer> source = Sinks.many().unicast().onBackpressureBuffer();
        handlers.out = source.asFlux();

        Body body = endpoints
                .call(call("Streams/out"))
                .blockOptional()
                .orElseThrow()
                .body();
        source.tryEmitError(NOT_FOUND).orThrow();

        StepVerifier.create(body).verifyErrorMatches(error -> error == NOT_FOUND);
        StepVerifier.create(body).verifyError(IllegalStateException.class);
    }

    @Test
    void replyThatIsDiscardedCancelsTheHandlerOnce() {
        AtomicInteger cancelled = new AtomicInteger();
        handlers.out = Flux.<Integer>never().doOnCancel(cancelled::incrementAndGet);

        Body body = endpoints
                .call(call("Streams/out"))
                .blockOptional()
                .orElseThrow()
                .body();
        body.discard();
        body.discard();

        assertThat(cancelled).hasValue(1);
    }

    @Test
    void valueThatComesAfterCancelIsDropped() {
        AtomicInteger subscribed = new AtomicInteger();
        Sinks.One<String> late = Sinks.one();
        handlers.one = new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super String> actual) {
                subscribed.incrementAndGet();
                late.asMono().subscribe(new Deaf<>(actual));
            }
        };

        StepVerifier.create(streams.one())
                .then(() -> assertThat(subscribed).hasValue(1))
                .thenCancel()
                .verify();

        assertThat(late.tryEmitValue("late")).isEqualTo(Sinks.EmitResult.OK);
    }

    @Test
    void bufferThatComesAfterCancelIsReleased() {
        Sinks.Many<ByteBuf> late = Sinks.many().unicast().onBackpressureBuffer();
        handlers.rawOut = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                late.asFlux().subscribe(new Deaf<>(actual));
            }
        };

        StepVerifier.create(streams.rawOut())
                .then(() -> late.tryEmitNext(allocator.utf8("a")).orThrow())
                .assertNext(ByteBuf::release)
                .thenCancel()
                .verify();

        assertThat(late.tryEmitNext(allocator.utf8("b"))).isEqualTo(Sinks.EmitResult.OK);
    }

    @Test
    void parameterThatIsNotReadIsDiscarded() {
        handlers.rawIn = bytes -> Mono.just("not interested");
        ScriptedBody body = ScriptedBody.create().emit(allocator.utf8("a"));

        StepVerifier.create(streams.rawIn(body)).expectNext("not interested").verifyComplete();

        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
    }

    @Test
    void parameterThatIsReadInPartIsCancelledOnce() {
        handlers.rawIn = bytes -> bytes.next().map(ShapesTest::text);
        ScriptedBody body = ScriptedBody.create().emit(allocator.utf8("a")).emit(allocator.utf8("b"));

        StepVerifier.create(streams.rawIn(body)).expectNext("a").verifyComplete();

        assertThat(body.cancels()).isEqualTo(1);
    }

    @Test
    void parameterThatIsReadAsideEndsWithTheCall() {
        ScriptedBody body = ScriptedBody.create();
        handlers.rawIn = bytes -> {
            bytes.subscribe(ByteBuf::release);
            return Mono.just("done");
        };

        StepVerifier.create(streams.rawIn(body)).expectNext("done").verifyComplete();

        assertThat(body.cancels()).isEqualTo(1);
    }

    @Test
    void parameterCanBeReadOnceAndOnlyInItsCall() {
        Sinks.One<Flux<Integer>> kept = Sinks.one();
        handlers.in = values -> {
            kept.tryEmitValue(values).orThrow();
            return Mono.zip(values.then(Mono.just("a")), values.then(Mono.just("b")))
                    .map(Object::toString);
        };
        StepVerifier.create(streams.in(Flux.never()))
                .verifyErrorMatches(error -> error.getMessage().startsWith("stream: subscribed or discarded before"));

        StepVerifier.create(kept.asMono().flatMapMany(values -> values))
                .verifyErrorMatches(error -> error.getMessage().startsWith("stream: the call has ended"));
    }

    @Test
    void streamThatTheCallerFailsFailsInTheHandler() {
        handlers.in = values ->
                values.then(Mono.just("whole")).onErrorResume(error -> Mono.just("cut: " + error.getMessage()));

        StepVerifier.create(streams.in(Flux.error(new IllegalStateException("disk"))))
                .expectNext("cut: disk")
                .verifyComplete();
        StepVerifier.create(streams.behind("head ", Flux.error(new IllegalStateException("disk"))))
                .expectNext("head cut: disk")
                .verifyComplete();
    }

    private static boolean isInternal(Throwable error, String message) {
        return error instanceof RpcException rpc
                && rpc.rpcStatus() == RpcStatus.INTERNAL
                && message.equals(rpc.getMessage());
    }

    private static RpcRequest call(String endpoint) {
        return RpcRequest.of(endpoint, Content.NONE, Content.JSON, Body.empty());
    }
}
