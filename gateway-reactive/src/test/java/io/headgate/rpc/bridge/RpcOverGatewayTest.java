package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.local.InProcess;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.test.StepVerifier;

/** Callers, a gateway with endpoints behind it, and HTTP between them, on sockets. */
@Timeout(60)
class RpcOverGatewayTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private static final String LARGE = '"' + "x".repeat(16_382) + '"';

    private final Calls calls = new Calls();
    private final RpcHttp bridge = RpcHttp.create();
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Gateway outside = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final AtomicReference<RpcRequest> seen = new AtomicReference<>();
    private Upstream upstream;
    private InProcess link;

    /** A caller over HTTP of a handler that is at the other side of a connection. */
    private Service<RpcRequest, RpcReply> caller(String scheme, Service<RpcRequest, RpcReply> handler) {
        link = InProcess.connect(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS.withHandler(request -> {
            seen.set(request);
            return handler.call(request);
        }));
        Listener listener =
                gateway.listen("127.0.0.1", 0, bridge.toHttp(link.initiator())).block(LONG);
        upstream = outside.upstream(scheme + "://127.0.0.1:" + listener.port());
        return bridge.toRpc(upstream);
    }

    @AfterEach
    void nothingIsLeft() {
        outside.closeAsync().block(LONG);
        gateway.closeAsync().block(LONG);
        if (link != null) {
            link.initiator().closeAsync(Duration.ZERO).block(LONG);
        }
        calls.assertNoLeaks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void elementsGoBothWays(String scheme) {
        Service<RpcRequest, RpcReply> caller = caller(scheme, calls.echo());
        for (Content content : List.of(Content.JSON, Content.PROTOBUF)) {
            RpcReply reply = caller.call(calls.call("S/m", content, calls.body("1", "22", "333"))
                            .withFields(Fields.of("x-id", "7")))
                    .block(LONG);
            assertThat(reply.content()).isEqualTo(content);
            assertThat(reply.fields().get("x-id")).isEqualTo("7");
            assertThat(Calls.elements(reply.body())).containsExactly("1", "22", "333");
            assertThat(seen.get().endpoint()).isEqualTo("S/m");
        }
        RpcReply one =
                caller.call(calls.call("S/m", Content.JSON, calls.one("1"))).block(LONG);
        assertThat(Calls.elements(one.body())).containsExactly("1");
        RpcReply octets = caller.call(calls.call("S/m", Content.OCTETS, calls.body("ab", "cd")))
                .block(LONG);
        assertThat(octets.content()).isEqualTo(Content.OCTETS);
        assertThat(String.join("", Calls.elements(octets.body()))).isEqualTo("abcd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void emptyMessagesOfProtobufPass(String scheme) {
        Service<RpcRequest, RpcReply> caller = caller(scheme, calls.echo());
        RpcReply reply = caller.call(calls.call("S/m", Content.PROTOBUF, calls.body("", "a", "")))
                .block(LONG);
        assertThat(Calls.elements(reply.body())).containsExactly("", "a", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void noBytesAreAFileAndAMessage(String scheme) {
        Service<RpcRequest, RpcReply> caller = caller(scheme, calls.echo());
        RpcReply file =
                caller.call(calls.call("S/m", Content.OCTETS, Body.empty())).block(LONG);
        assertThat(seen.get().content()).isEqualTo(Content.OCTETS);
        assertThat(file.content()).isEqualTo(Content.OCTETS);
        assertThat(Calls.elements(file.body())).isEmpty();

        RpcReply message =
                caller.call(calls.call("S/m", Content.PROTOBUF, calls.one(""))).block(LONG);
        assertThat(seen.get().content()).isEqualTo(Content.PROTOBUF);
        assertThat(message.content()).isEqualTo(Content.PROTOBUF);
        assertThat(Calls.elements(message.body())).containsExactly("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void aStreamIsMadeNoFasterThanItIsRead(String scheme) throws InterruptedException {
        AtomicLong made = new AtomicLong();
        CountDownLatch cancelled = new CountDownLatch(1);
        Service<RpcRequest, RpcReply> caller = caller(scheme, request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(Content.JSON, endless(made, cancelled)));
        });
        AtomicInteger read = new AtomicInteger();
        RpcReply reply =
                caller.call(calls.call("S/m", Content.NONE, Body.empty())).block(LONG);
        StepVerifier.create(reply.body().map(Calls::text).doOnNext(element -> read.incrementAndGet()), 10)
                .expectNextCount(10)
                .then(() -> awaitStandstill(made))
                .then(() -> assertThat(read).hasValue(10))
                .then(() -> assertThat(made.get()).isLessThan(2048)) // what sockets and buffers hold
                .thenRequest(10)
                .expectNextCount(10)
                .thenCancel()
                .verify(LONG);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void anUploadIsReadNoFasterThanTheHandlerWants(String scheme) throws InterruptedException {
        AtomicLong made = new AtomicLong();
        AtomicInteger got = new AtomicInteger();
        CountDownLatch cancelled = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        BaseSubscriber<ByteBuf> reader = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription body) {
                body.request(3);
            }

            @Override
            protected void hookOnNext(ByteBuf element) {
                element.release();
                got.incrementAndGet();
            }

            @Override
            protected void hookFinally(SignalType end) {
                stopped.countDown();
            }
        };
        Service<RpcRequest, RpcReply> caller = caller(
                scheme,
                request -> Mono.<RpcReply>never()
                        .doOnSubscribe(subscription -> request.body().subscribe(reader)));
        Disposable call = caller.call(calls.call("S/m", Content.JSON, endless(made, cancelled)))
                .subscribe();
        await().atMost(LONG).untilAsserted(() -> assertThat(got).hasValue(3));
        awaitStandstill(made);
        assertThat(got).hasValue(3);
        assertThat(made.get()).isLessThan(2048); // what sockets and buffers hold
        call.dispose();
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
        reader.request(Long.MAX_VALUE); // the end of a connection of HTTP/1.1 is behind what has not been read
        assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private Body endless(AtomicLong made, CountDownLatch cancelled) {
        return Body.of(Flux.<ByteBuf>generate(sink -> {
                    made.incrementAndGet();
                    sink.next(calls.allocator.utf8(LARGE));
                })
                .doOnCancel(cancelled::countDown));
    }

    private static void awaitStandstill(AtomicLong made) {
        AtomicLong before = new AtomicLong(-1);
        await().during(Duration.ofMillis(200)).atMost(LONG).until(() -> before.getAndSet(made.get()) == made.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void anUploadThatTheHandlerGivesUpIsStopped(String scheme) throws InterruptedException {
        CountDownLatch cancelled = new CountDownLatch(1);
        Service<RpcRequest, RpcReply> caller = caller(
                scheme,
                request -> request.body()
                        .map(Calls::text)
                        .take(3)
                        .then(Mono.error(() -> RpcException.of(RpcStatus.RESOURCE_EXHAUSTED, "disk full"))));
        RpcException failure = catchThrowableOfType(
                RpcException.class,
                () -> caller.call(calls.call("S/m", Content.JSON, endless(new AtomicLong(), cancelled)))
                        .block(LONG));
        if (scheme.equals("h2c") || failure.rpcStatus() != RpcStatus.UNAVAILABLE) { // HTTP/1.1 may lose an early reply
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.RESOURCE_EXHAUSTED);
            assertThat(failure.isRemote()).isTrue();
            assertThat(failure).hasMessage("disk full");
        }
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void failuresKeepStatusAndTextBeforeAndInTheMiddle(String scheme) {
        Service<RpcRequest, RpcReply> caller = caller(scheme, request -> {
            request.body().discard();
            return request.endpoint().equals("S/early")
                    ? Mono.error(RpcException.of(RpcStatus.ALREADY_EXISTS, "it is \u00e4lter"))
                    : Mono.just(RpcReply.of(
                            Content.JSON,
                            Body.of(Flux.concat(
                                    calls.body("1", "2"), Flux.error(RpcException.of(RpcStatus.ABORTED, "broke"))))));
        });
        RpcException early = catchThrowableOfType(
                RpcException.class,
                () -> caller.call(calls.call("S/early", Content.NONE, Body.empty()))
                        .block(LONG));
        assertThat(early.rpcStatus()).isEqualTo(RpcStatus.ALREADY_EXISTS);
        assertThat(early).hasMessage("it is \u00e4lter");

        StepVerifier.create(caller.call(calls.call("S/late", Content.NONE, Body.empty()))
                        .flatMapMany(RpcReply::body)
                        .map(Calls::text))
                .expectNext("1", "2")
                .expectErrorSatisfies(error -> {
                    assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.ABORTED);
                    assertThat(error).hasMessage("broke");
                })
                .verify(LONG);
        RpcReply again =
                caller.call(calls.call("S/late", Content.NONE, Body.empty())).block(LONG);
        again.discard();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void aClientThatTakesNoTrailersSeesAStreamThatFailsCutShort(String scheme) {
        caller(
                scheme,
                request -> Mono.just(RpcReply.of(
                        Content.JSON,
                        Body.of(Flux.concat(
                                calls.body("1"), Flux.error(RpcException.of(RpcStatus.ABORTED, "broke")))))));
        HttpExchange plain = HttpExchange.of(
                new RequestHead("POST", "http", "host", "/S/m", Fields.of("accept", "application/x-ndjson")),
                Body.empty());
        HttpReply reply = upstream.call(plain).block(LONG);
        assertThat(reply.status()).isEqualTo(200);
        StepVerifier.create(reply.body().map(Calls::text).reduce("", String::concat))
                .expectError()
                .verify(LONG);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void aPlainClientGetsProblemDetails(String scheme) {
        caller(
                scheme,
                request -> Mono.error(RpcException.of(RpcStatus.NOT_FOUND, "path: /x (expected: one that exists)")));
        HttpReply reply = upstream.call(calls.post("/Files/list", calls.one("{}"), "content-type", "application/json"))
                .block(LONG);
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.fields().get("content-type")).isEqualTo("application/problem+json");
        assertThat(reply.fields().get("rpc-status")).isEqualTo("5");
        assertThat(Calls.text(reply)).contains("path: /x (expected: one that exists)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void aCancelReachesTheHandler(String scheme) throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Service<RpcRequest, RpcReply> caller = caller(
                scheme,
                request -> Mono.<RpcReply>never()
                        .doOnSubscribe(subscription -> called.countDown())
                        .doOnCancel(cancelled::countDown));
        Disposable call =
                caller.call(calls.call("S/m", Content.NONE, Body.empty())).subscribe();
        assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
        call.dispose();
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void aDeadlineOfTheCallerEndsTheCall(String scheme) throws InterruptedException {
        CountDownLatch cancelled = new CountDownLatch(1);
        Service<RpcRequest, RpcReply> caller =
                caller(scheme, request -> Mono.<RpcReply>never().doOnCancel(cancelled::countDown));
        RpcException failure = catchThrowableOfType(
                RpcException.class,
                () -> caller.call(calls.call("S/m", Content.NONE, Body.empty())
                                .withDeadline(Deadline.after(Duration.ofMillis(100))))
                        .block(LONG));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
