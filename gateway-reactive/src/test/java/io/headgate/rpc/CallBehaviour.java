package io.headgate.rpc;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static io.headgate.rpc.Steps.size;
import static io.headgate.rpc.Steps.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.rpc.Steps.Desk;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/**
 * What holds on every connection, whatever its wire: one document in, a document or octets out, calls of the initiator.
 * A wire that can more passes {@link RpcBehaviour}, too.
 */
public abstract class CallBehaviour {

    protected final Steps steps = new Steps();
    protected final Desk desk = steps.desk().echo();
    private final List<Both> opened = new ArrayList<>();

    /** Makes a connection, whose sides are open. */
    protected abstract Both connect(RpcSpec client, RpcSpec server);

    protected final Both open(RpcSpec client, RpcSpec server) {
        Both both = connect(client, server);
        opened.add(both);
        return both;
    }

    protected final Both open(RpcSettings settings) {
        return open(
                RpcSpec.DEFAULTS.withSettings(settings),
                RpcSpec.DEFAULTS.withSettings(settings).withHandler(desk));
    }

    protected final Both open() {
        return open(quick().build());
    }

    /** Timers are looked at often, so that tests need not wait. */
    protected static RpcSettings.Builder quick() {
        return RpcSettings.builder().tick(Duration.ofMillis(10));
    }

    @AfterEach
    void nothingIsLeft() {
        for (Both both : opened) {
            both.client().closeAsync(Duration.ZERO).block(LONG);
            both.server().closeAsync(Duration.ZERO).block(LONG);
            for (RpcConnection side : List.of(both.client(), both.server())) {
                await().untilAsserted(() -> {
                    assertThat(side.stats().outgoing())
                            .as("outgoing of %s", side)
                            .isZero();
                    assertThat(side.stats().incoming())
                            .as("incoming of %s", side)
                            .isZero();
                    assertThat(side.stats().heldIn()).as("held by %s", side).isZero();
                });
            }
        }
        await().untilAsserted(steps.buffers::assertNoLeaks);
    }

    protected final String alive(RpcConnection connection) {
        return steps.unary(connection, "echo", "alive?").block(LONG);
    }

    protected static void clean(Ending ending) {
        assertThat(ending.kind()).as("%s", ending).isEqualTo(Ending.Kind.CLEAN);
    }

    // ---- shapes

    @Test
    void aDocumentGoesForthAndBack() {
        Both both = open();
        assertThat(steps.unary(both.client(), "echo", "hello").block(LONG)).isEqualTo("hello");
        assertThat(steps.unary(both.client(), "echo", "again").block(LONG)).isEqualTo("again");
        assertThat(desk.calls).hasValue(2);
    }

    @Test
    void octetsComeBackWhole() {
        desk.on("zeros", request -> {
            request.body().discard();
            return Mono.just(
                    RpcReply.of(Content.OCTETS, Body.of(Flux.range(0, 100).map(i -> steps.zeros(70_000)))));
        });
        Both both = open();
        assertThat(octets(both, "zeros")
                        .map(Steps::size)
                        .reduce(0, Integer::sum)
                        .block(LONG))
                .isEqualTo(7_000_000);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    private Flux<ByteBuf> octets(Both both, String endpoint) {
        return both.client()
                .call(RpcRequest.of(endpoint, Content.JSON, Content.OCTETS, steps.one("{}")))
                .flatMapMany(RpcReply::body);
    }

    @Test
    void octetsMayBeNone() {
        desk.on("none", request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(Content.OCTETS, Body.of(Flux.empty())));
        });
        Both both = open();
        assertThat(octets(both, "none").map(Steps::size).collectList().block(LONG))
                .isEmpty();
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aLargeDocumentArrivesWhole() {
        Both both = open();
        String large = "x".repeat(3_000_000);
        assertThat(steps.unary(both.client(), "echo", large).block(LONG)).isEqualTo(large);
    }

    @Test
    void aDocumentBeyondTheLimitIsRefusedAndTheConnectionSurvives() {
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(quick().build()),
                RpcSpec.DEFAULTS.withSettings(quick().maxElement(1000).build()).withHandler(desk));
        RpcException failure = failure(steps.unary(both.client(), "echo", "x".repeat(1001)));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
        assertThat(failure.getMessage()).contains("1000");
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aReplyBeyondTheLimitFailsAndTheConnectionSurvives() {
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(quick().maxElement(1000).build()),
                RpcSpec.DEFAULTS.withSettings(quick().build()).withHandler(desk));
        assertThat(failure(steps.unary(both.client(), "echo", "x".repeat(1001))).getMessage())
                .contains("1000");
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void manyCallsAtOnceEachGetTheirAnswer() {
        Both both = open();
        List<String> answers = Flux.range(0, 300)
                .flatMap(i -> steps.unary(both.client(), "echo", "number " + i), 300)
                .collectSortedList()
                .block(LONG);
        assertThat(answers)
                .isEqualTo(IntStream.range(0, 300)
                        .mapToObj(i -> "number " + i)
                        .sorted()
                        .toList());
    }

    // ---- demand

    @Test
    void octetsAreNotReadAheadOfDemand() {
        AtomicInteger made = new AtomicInteger();
        desk.on("zeros", request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(
                    Content.OCTETS,
                    Body.of(Flux.range(0, 4000)
                            .doOnNext(i -> made.incrementAndGet())
                            .map(i -> steps.zeros(32 * 1024)))));
        });
        Both both = open();
        StepVerifier.create(octets(both, "zeros").map(Steps::size), 1)
                .expectNextCount(1)
                .then(() -> settled(made))
                .then(() -> assertThat(made.get()).isLessThan(1000)) // windows and buffers of the kernel hold some
                .thenCancel()
                .verify(LONG);
    }

    /** As whoever takes one element after the other does. */
    @Test
    void whoAsksAgainWhileItIsGivenSomethingHearsOfTheEndOnce() {
        Both both = open();
        RpcReply reply = both.client().call(steps.request("echo", "x")).block(LONG);
        List<String> heard = new CopyOnWriteArrayList<>();
        reply.body()
                .subscribe(
                        new CoreSubscriber<>() { // by hand: operators repair what they are told twice

                            private @Nullable Subscription subscription;

                            @Override
                            public void onSubscribe(Subscription given) {
                                subscription = given;
                                given.request(1);
                            }

                            @Override
                            public void onNext(ByteBuf element) {
                                heard.add("[" + Steps.text(element));
                                subscription.request(1);
                                heard.add("]");
                            }

                            @Override
                            public void onError(Throwable failure) {
                                heard.add("failure");
                            }

                            @Override
                            public void onComplete() {
                                heard.add("end");
                            }
                        });
        await().until(() -> heard.contains("end"));
        alive(both.client());
        assertThat(heard).containsExactly("[x", "]", "end");
    }

    /** Waits until a counter rests: what is to flow without demand has flown. */
    protected static void settled(AtomicInteger counter) {
        AtomicInteger last = new AtomicInteger(-1);
        await().pollInterval(Duration.ofMillis(20)).until(() -> last.getAndSet(counter.get()) == counter.get());
    }

    // ---- errors

    @Test
    void aFailureOfTheHandlerReachesTheCaller() {
        desk.on("fails", request -> {
            request.body().discard();
            return Mono.error(RpcException.of(RpcStatus.INVALID_ARGUMENT, "size: 5 (expected: less)"));
        });
        Both both = open();
        RpcException failure = failure(steps.unary(both.client(), "fails", "x"));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
        assertThat(failure.isRemote()).isTrue();
        assertThat(failure.getMessage()).contains("size: 5 (expected: less)");
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void whatAHandlerThrowsIsMasked() {
        desk.on("throws", request -> {
            throw new IllegalStateException("secret");
        });
        Both both = open();
        RpcException failure = failure(steps.unary(both.client(), "throws", "x"));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure.isRemote()).isTrue();
        assertThat(failure.getMessage()).contains("internal error, id ").doesNotContain("secret");
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    /** Reactor lets them through, wherever they are thrown. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anErrorOfTheMachineFailsItsCallAlone(boolean inOperator) {
        desk.on("deep", request -> {
            if (inOperator) {
                return Mono.fromCallable(() -> {
                    throw new StackOverflowError("secret");
                });
            }
            throw new NoClassDefFoundError("secret");
        });
        Both both = open();
        RpcException failure = failure(steps.unary(both.client(), "deep", "x"));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure.getMessage()).contains("internal error, id ").doesNotContain("secret");
        assertThat(alive(both.client())).isEqualTo("alive?");
        await().until(() -> both.client().stats().outgoing() == 0);
    }

    @Test
    void aHandlerThatDoesNotReadItsRequestMayFail() {
        desk.on("fails", request -> Mono.error(RpcException.of(RpcStatus.INVALID_ARGUMENT, "no")));
        Both both = open();
        assertThat(failure(steps.unary(both.client(), "fails", "x".repeat(100_000)))
                        .getMessage())
                .contains("no");
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aHandlerWithoutAReplyIsAFaultOfTheServer() {
        desk.on("empty", request -> {
            request.body().discard();
            return Mono.empty();
        });
        Both both = open();
        assertThat(failure(steps.unary(both.client(), "empty", "x")).rpcStatus())
                .isEqualTo(RpcStatus.INTERNAL);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void textsOfErrorsAreCut() {
        desk.on("fails", request -> {
            request.body().discard();
            return Mono.error(RpcException.of(RpcStatus.INTERNAL, "ü".repeat(5000)));
        });
        Both both = open(quick().maxErrorText(100).build());
        String message = failure(steps.unary(both.client(), "fails", "x")).getMessage();
        assertThat(message).contains("üüüüü");
        assertThat(message.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(100);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void anUnknownEndpointIsAnError() {
        Both both = open();
        assertThat(failure(steps.unary(both.client(), "nowhere", "x")).getMessage())
                .contains("nowhere");
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aBodyIsSubscribedOnce() {
        Both both = open();
        RpcReply reply = both.client().call(steps.request("echo", "x")).block(LONG);
        assertThat(text(Mono.just(reply)).block(LONG)).isEqualTo("x");
        assertThatThrownBy(() -> reply.body().blockFirst(LONG)).isInstanceOf(IllegalStateException.class);
        reply.discard();
    }

    // ---- the end

    @Test
    void theClosingOfOneSideIsCleanOnBoth() {
        Both both = open();
        alive(both.client());
        both.client().closeAsync(LONG).block(LONG);
        assertThat(both.client().closed().block(LONG)).satisfies(CallBehaviour::clean);
        assertThat(both.server().closed().block(LONG)).satisfies(CallBehaviour::clean);
        assertThat(both.client().stats().phase()).isEqualTo(RpcStats.Phase.CLOSED);
        assertThat(both.server().stats().phase()).isEqualTo(RpcStats.Phase.CLOSED);
    }

    @Test
    void afterTheEndCallsAreRefusedUnprocessed() {
        Both both = open();
        both.client().closeAsync(LONG).block(LONG);
        RpcException failure = failure(steps.unary(both.client(), "echo", "x"));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(failure.is(Trait.RETRYABLE)).isTrue();
        assertThat(both.client().status()).isEqualTo(io.headgate.Service.Status.CLOSED);
    }

    @Test
    void aCallInFlightFinishesWithinTheGrace() {
        ScriptedBody answer = ScriptedBody.create();
        desk.on("slow", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        });
        Both both = open();
        StepVerifier.create(text(both.client().call(steps.request("slow", "x"))))
                .then(() -> await().until(() -> answer.subscriptions() == 1))
                .then(() -> both.client().closeAsync(LONG).subscribe())
                .then(() -> await().until(() -> both.client().status() == io.headgate.Service.Status.CLOSED))
                .then(() -> answer.emit(steps.buffers.utf8("done")))
                .then(answer::complete)
                .expectNext("done")
                .expectComplete()
                .verify(LONG);
        assertThat(both.client().closed().block(LONG)).satisfies(CallBehaviour::clean);
        assertThat(both.server().closed().block(LONG)).satisfies(CallBehaviour::clean);
    }

    @Test
    void anAbortEndsCallsOnBothSides() {
        ScriptedBody answer = ScriptedBody.create();
        desk.on("slow", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        });
        Both both = open();
        StepVerifier.create(text(both.client().call(steps.request("slow", "x"))))
                .then(() -> await().until(() -> answer.subscriptions() == 1))
                .then(() -> both.client().abort("enough"))
                .expectError(RpcException.class)
                .verify(LONG);
        assertThat(both.client().closed().block(LONG).kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(both.client().closed().block(LONG).detail()).contains("enough");
        assertThat(both.server().closed().block(LONG).isClean()).isFalse();
        await().untilAsserted(() -> assertThat(answer.cancels()).isEqualTo(1));
        assertThat(both.client().stats().phase()).isEqualTo(RpcStats.Phase.ABORTED);
    }

    // ---- who looks

    @Test
    void observersSeeCallsInPairs() {
        SeenCalls seenHere = new SeenCalls();
        SeenCalls seenThere = new SeenCalls();
        desk.on("fails", request -> {
            request.body().discard();
            return Mono.error(RpcException.of(RpcStatus.INVALID_ARGUMENT, "no"));
        });
        RpcSettings settings = quick().build();
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(settings).withObserver(seenHere),
                RpcSpec.DEFAULTS.withSettings(settings).withHandler(desk).withObserver(seenThere));
        alive(both.client());
        failure(steps.unary(both.client(), "fails", "x"));
        both.client().call(steps.request("echo", "x")).block(LONG).discard();
        both.client().closeAsync(LONG).block(LONG);
        both.server().closed().block(LONG);
        await().untilAsserted(() -> assertThat(seenHere.open()).isZero());
        await().untilAsserted(() -> assertThat(seenThere.open()).isZero());
        assertThat(seenHere.ends())
                .startsWith("out echo OK", "out fails INVALID_ARGUMENT")
                .hasSize(3);
        assertThat(seenThere.ends())
                .startsWith("in echo OK", "in fails INVALID_ARGUMENT")
                .hasSize(3);
        assertThat(seenHere.endings()).containsExactly(Ending.Kind.CLEAN);
        assertThat(seenThere.endings()).containsExactly(Ending.Kind.CLEAN);
        assertThat(seenHere.phases()).contains("calls DRAINING", "calls CLOSED");
        assertThat(seenThere.phases()).contains("calls DRAINING", "calls CLOSED");
    }

    @Test
    void anObserverThatFailsWithAnErrorHarmsNothing() {
        RpcObserver broken = new RpcObserver() {
            @Override
            public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
                throw new AssertionError("broken observer");
            }

            @Override
            public void onCallEnd(
                    RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
                throw new AssertionError("broken observer");
            }
        };
        Both both = open(
                RpcSpec.DEFAULTS.withObserver(broken),
                RpcSpec.DEFAULTS.withObserver(broken).withHandler(desk));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void anObserverThatThrowsHarmsNothing() {
        RpcObserver broken = new RpcObserver() {
            @Override
            public void onCall(RpcConnection connection, boolean inbound, String endpoint) {
                throw new IllegalStateException("broken observer");
            }

            @Override
            public void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {
                throw new IllegalStateException("broken observer");
            }
        };
        Both both = open(
                RpcSpec.DEFAULTS.withObserver(broken),
                RpcSpec.DEFAULTS.withObserver(broken).withHandler(desk));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void theSizeOfWhatCameIsSeen() {
        Both both = open();
        assertThat(size(steps.buffers.utf8("four"))).isEqualTo(4);
        alive(both.client());
        assertThat(both.client().stats().phase()).isEqualTo(RpcStats.Phase.OPEN);
        assertThat(both.server().stats().phase()).isEqualTo(RpcStats.Phase.OPEN);
    }
}
