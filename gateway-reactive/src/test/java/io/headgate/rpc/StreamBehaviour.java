package io.headgate.rpc;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static io.headgate.rpc.Steps.text;
import static io.headgate.rpc.Steps.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Steps.Desk;
import io.headgate.test.ScriptedBody;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Streams of many elements on one connection, both ways and by calls of both sides: their shapes, their demand, their cancelling. */
public abstract class StreamBehaviour extends FaultyBodyBehaviour {

    /** Both sides answer with the same desk. */
    protected final Both mutual() {
        RpcSpec spec = RpcSpec.DEFAULTS.withSettings(quick().build()).withHandler(desk);
        return open(spec, spec);
    }

    protected static RpcConnection side(Both both, boolean forth) {
        return forth ? both.client() : both.server();
    }

    protected final Mono<RpcReply> call(RpcConnection by, String endpoint, Body body) {
        return by.call(steps.request(endpoint, Content.JSON, body));
    }

    /** How often a handler that never answers was cancelled. */
    protected final AtomicInteger given = new AtomicInteger();

    private Desk withSilence() {
        return desk.on("silence", request -> {
            request.body().discard();
            return Mono.<RpcReply>never().doOnCancel(given::incrementAndGet);
        });
    }

    protected final CountDownLatch called(String endpoint) {
        CountDownLatch latch = new CountDownLatch(1);
        desk.on(endpoint, request -> {
            request.body().discard();
            return Mono.<RpcReply>never().doOnSubscribe(s -> latch.countDown()).doOnCancel(given::incrementAndGet);
        });
        return latch;
    }

    protected static void await1(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- shapes, both ways

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneInOneOut(boolean forth) {
        Both both = mutual();
        assertThat(steps.unary(side(both, forth), "echo", "hello").block(LONG)).isEqualTo("hello");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyInOneOut(boolean forth) {
        desk.on(
                "count",
                request -> Flux.from(request.body())
                        .map(Steps::size)
                        .count()
                        .map(count -> reply(steps.one(Long.toString(count)))));
        Both both = mutual();
        assertThat(text(call(side(both, forth), "count", Body.of(steps.numbers(500))))
                        .block(LONG))
                .isEqualTo("500");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneInManyOut(boolean forth) {
        desk.on(
                "numbers",
                request -> request.body()
                        .asString(100)
                        .map(count -> reply(Body.of(steps.numbers(Integer.parseInt(count))))));
        Both both = mutual();
        assertThat(texts(call(side(both, forth), "numbers", steps.one("500")))
                        .collectList()
                        .block(LONG))
                .hasSize(500)
                .startsWith("0", "1")
                .endsWith("499");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyInManyOut(boolean forth) {
        Both both = mutual();
        assertThat(texts(call(side(both, forth), "echo", Body.of(steps.numbers(500))))
                        .collectList()
                        .block(LONG))
                .hasSize(500)
                .startsWith("0", "1")
                .endsWith("499");
    }

    @Test
    void anAnswerMayComeBeforeTheRequestIsThere() {
        ScriptedBody request = ScriptedBody.create();
        desk.on(
                "greet",
                incoming -> Mono.just(reply(
                        Body.of(Flux.concat(Mono.fromSupplier(() -> steps.buffers.utf8("hello")), incoming.body())))));
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "greet", request)))
                .expectNext("hello")
                .then(() -> request.emit(steps.buffers.utf8("you")))
                .expectNext("you")
                .then(request::complete)
                .expectComplete()
                .verify(LONG);
    }

    @Test
    void nothingInNothingOut() {
        desk.on(
                "nothing",
                request -> texts(Mono.just(reply(request.body())))
                        .count()
                        .filter(count -> count == 0)
                        .map(none -> RpcReply.of(Content.NONE, Body.empty())));
        Both both = mutual();
        RpcReply reply = both.client()
                .call(RpcRequest.of("nothing", Content.NONE, Content.NONE, Body.empty()))
                .block(LONG);
        assertThat(reply.content()).isEqualTo(Content.NONE);
        assertThat(texts(Mono.just(reply)).collectList().block(LONG)).isEmpty();
    }

    @Test
    void streamsMayBeEmpty() {
        Both both = mutual();
        assertThat(texts(call(both.client(), "echo", Body.of(Flux.empty())))
                        .collectList()
                        .block(LONG))
                .isEmpty();
    }

    @Test
    void elementsMayBeEmpty() {
        Both both = mutual();
        assertThat(texts(call(both.client(), "echo", steps.many("", "a", "", "")))
                        .collectList()
                        .block(LONG))
                .containsExactly("", "a", "", "");
    }

    @Test
    void largeElementsKeepTheirBounds() {
        Both both = mutual();
        int[] sizes = {1, 3_000_000, 10, 1 << 20, (1 << 20) + 1, 0, 4 << 20};
        List<Integer> back = call(
                        both.client(),
                        "echo",
                        Body.of(Flux.range(0, sizes.length).map(i -> steps.zeros(sizes[i]))))
                .flatMapMany(RpcReply::body)
                .map(Steps::size)
                .collectList()
                .block(LONG);
        assertThat(back).containsExactly(1, 3_000_000, 10, 1 << 20, (1 << 20) + 1, 0, 4 << 20);
    }

    @Test
    void octetsGoBothWays() {
        Both both = mutual();
        Flux<Integer> back = both.client()
                .call(steps.request(
                        "echo", Content.OCTETS, Body.of(Flux.range(0, 200).map(i -> steps.zeros(50_001)))))
                .flatMapMany(RpcReply::body)
                .map(Steps::size);
        assertThat(back.reduce(0, Integer::sum).block(LONG)).isEqualTo(200 * 50_001);
    }

    @Test
    void anElementBeyondTheLimitEndsItsCallAlone() {
        RpcSpec small =
                RpcSpec.DEFAULTS.withSettings(quick().maxElement(1000).build()).withHandler(desk);
        Both both = open(RpcSpec.DEFAULTS.withSettings(quick().build()), small);
        ScriptedBody body = ScriptedBody.create();
        StepVerifier.create(texts(call(both.client(), "echo", body)))
                .then(() -> body.emit(steps.buffers.utf8("small")))
                .expectNext("small")
                .then(() -> body.emit(steps.zeros(1001)))
                .expectErrorSatisfies(failure ->
                        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.INVALID_ARGUMENT))
                .verify(LONG);
        await().untilAsserted(() -> assertThat(body.cancels()).isEqualTo(1));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothSidesCallAtOnce(boolean octets) {
        Both both = mutual();
        Content content = octets ? Content.OCTETS : Content.JSON;
        Long total = Flux.range(0, 100)
                .flatMap(
                        i -> side(both, i % 2 == 0)
                                .call(steps.request(
                                        "echo",
                                        content,
                                        Body.of(Flux.range(0, 20).map(n -> steps.zeros(i * 100)))))
                                .flatMapMany(RpcReply::body)
                                .map(Steps::size),
                        100)
                .reduce(0L, Long::sum)
                .block(LONG);
        assertThat(total).isEqualTo(20L * 100 * (99 * 100 / 2));
    }

    @Test
    void aHandlerCallsItsCallerBack() {
        AtomicReference<@Nullable Both> link = new AtomicReference<>();
        desk.on("ask-back", request -> {
            request.body().discard();
            return steps.unary(link.get().server(), "name", "?").map(name -> reply(steps.one("hello " + name)));
        });
        Desk own = steps.desk().on("name", request -> {
            request.body().discard();
            return Mono.just(reply(steps.one("client")));
        });
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(quick().build()).withHandler(own),
                RpcSpec.DEFAULTS.withSettings(quick().build()).withHandler(desk));
        link.set(both);
        assertThat(steps.unary(both.client(), "ask-back", "x").block(LONG)).isEqualTo("hello client");
    }

    // ---- demand

    @Test
    void aReplyIsMadeAsItIsAskedFor() {
        AtomicInteger made = new AtomicInteger();
        desk.on("numbers", request -> {
            request.body().discard();
            return Mono.just(reply(Body.of(steps.numbers(100).doOnNext(n -> made.incrementAndGet()))));
        });
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "numbers", steps.one("x"))), 3)
                .expectNext("0", "1", "2")
                .then(() -> settled(made))
                .then(() -> assertThat(made).hasValueLessThanOrEqualTo(4)) // one may wait to be sent
                .thenRequest(7)
                .expectNextCount(7)
                .then(() -> settled(made))
                .then(() -> assertThat(made).hasValueLessThanOrEqualTo(11))
                .thenRequest(Long.MAX_VALUE)
                .expectNextCount(90)
                .expectComplete()
                .verify(LONG);
    }

    @Test
    void aRequestIsMadeAsItIsAskedFor() {
        AtomicInteger made = new AtomicInteger();
        Both both = mutual();
        StepVerifier.create(
                        texts(call(
                                both.client(),
                                "echo",
                                Body.of(steps.numbers(100).doOnNext(n -> made.incrementAndGet())))),
                        3)
                .expectNext("0", "1", "2")
                .then(() -> settled(made))
                .then(() -> assertThat(made).hasValueLessThanOrEqualTo(5)) // one may wait on either way
                .thenRequest(Long.MAX_VALUE)
                .expectNextCount(97)
                .expectComplete()
                .verify(LONG);
    }

    @Test
    void aStreamThatNobodyReadsHoldsNoOtherUp() {
        desk.on("zeros", request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(
                    Content.OCTETS, Body.of(Flux.range(0, 4000).map(i -> steps.zeros(32 * 1024)))));
        });
        Both both = mutual();
        RpcReply unread = both.client().call(steps.request("zeros", "x")).block(LONG);
        for (int i = 0; i < 20; i++) {
            assertThat(alive(both.client())).isEqualTo("alive?");
            assertThat(alive(both.server())).isEqualTo("alive?");
        }
        unread.discard();
    }

    // ---- cancelling

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallIsCancelledBeforeItsReply(boolean forth) {
        CountDownLatch reached = called("never");
        Both both = mutual();
        Disposable call = side(both, forth).call(steps.request("never", "x")).subscribe();
        await1(reached);
        call.dispose();
        await().untilAsserted(() -> assertThat(given).hasValue(1));
        await().untilAsserted(
                        () -> assertThat(side(both, !forth).stats().incoming()).isZero());
        assertThat(alive(side(both, forth))).isEqualTo("alive?");
    }

    @Test
    void aCallIsCancelledAtOnce() {
        withSilence();
        Both both = mutual();
        for (int i = 0; i < 50; i++) {
            both.client().call(steps.request("silence", "x")).subscribe().dispose();
        }
        assertThat(alive(both.client())).isEqualTo("alive?");
        await().untilAsserted(() -> assertThat(both.server().stats().incoming()).isZero());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplyIsCancelledAmidItsBody(boolean forth) {
        ScriptedBody answer = ScriptedBody.create();
        desk.on("script", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        });
        Both both = mutual();
        StepVerifier.create(texts(call(side(both, forth), "script", steps.one("x"))))
                .then(() -> answer.emit(steps.buffers.utf8("a")))
                .expectNext("a")
                .thenCancel()
                .verify(LONG);
        await().untilAsserted(() -> assertThat(answer.cancels()).isEqualTo(1));
        assertThat(alive(side(both, forth))).isEqualTo("alive?");
    }

    @Test
    void aReplyThatIsDiscardedIsLetGoOf() {
        ScriptedBody answer = ScriptedBody.create();
        desk.on("script", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        });
        Both both = mutual();
        RpcReply reply = both.client().call(steps.request("script", "x")).block(LONG);
        reply.discard();
        reply.discard();
        await().untilAsserted(
                        () -> assertThat(answer.cancels() + answer.discards()).isEqualTo(1));
        await().untilAsserted(() -> assertThat(both.client().stats().outgoing()).isZero());
    }

    @Test
    void cancellingAfterTheEndChangesNothing() {
        Both both = mutual();
        AtomicReference<@Nullable Disposable> call = new AtomicReference<>();
        call.set(texts(call(both.client(), "echo", steps.one("x"))).subscribe());
        await().until(() -> both.client().stats().outgoing() == 0);
        call.get().dispose();
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aHandlerTakesWhatItNeedsOfARequest() {
        ScriptedBody upload = ScriptedBody.create();
        desk.on(
                "two",
                request -> Flux.from(request.body())
                        .map(Steps::text)
                        .take(2)
                        .collectList()
                        .map(two -> reply(steps.one(String.join(",", two)))));
        Both both = mutual();
        upload.emit(steps.buffers.utf8("a"));
        upload.emit(steps.buffers.utf8("b"));
        upload.emit(steps.buffers.utf8("c"));
        assertThat(text(call(both.client(), "two", upload)).block(LONG)).isEqualTo("a,b");
        await().untilAsserted(() -> assertThat(upload.cancels()).isEqualTo(1));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aRequestThatIsNotReadIsLetGoOfWhenTheCallEnds() {
        ScriptedBody upload = ScriptedBody.create();
        desk.on("ignore", request -> Mono.just(reply(steps.one("done"))));
        Both both = mutual();
        assertThat(text(call(both.client(), "ignore", upload)).block(LONG)).isEqualTo("done");
        await().untilAsserted(
                        () -> assertThat(upload.cancels() + upload.discards()).isEqualTo(1));
        await().untilAsserted(() -> assertThat(both.server().stats().incoming()).isZero());
    }
}
