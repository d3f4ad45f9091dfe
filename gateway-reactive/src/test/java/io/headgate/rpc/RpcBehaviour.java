package io.headgate.rpc;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static io.headgate.rpc.Steps.text;
import static io.headgate.rpc.Steps.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Key;
import io.headgate.Service.Status;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/**
 * What holds on every connection that carries streams both ways, many at a time, with calls of both sides: how calls fail, what
 * travels with them, what limits them, and how they end with their connection.
 */
public abstract class RpcBehaviour extends FaultyStreamBehaviour {

    private static final Key<String> NOTE = Key.of("note");

    // ---- failures

    @Test
    void statusesCross() {
        desk.on(
                "status",
                request -> request.body()
                        .asString(100)
                        .flatMap(name -> Mono.error(RpcException.of(RpcStatus.valueOf(name), "as you wish"))));
        Both both = mutual();
        for (RpcStatus status : RpcStatus.values()) {
            if (status != RpcStatus.OK) {
                RpcException failure = failure(steps.unary(both.client(), "status", status.name()));
                assertThat(failure.rpcStatus()).isEqualTo(status);
                assertThat(failure.getMessage()).contains("as you wish");
                assertThat(failure.is(Trait.RETRYABLE)).isFalse();
            }
        }
    }

    @Test
    void whatWasNotProcessedMayBeRetried() {
        desk.on("busy", request -> {
            request.body().discard();
            return Mono.error(RpcException.refused(RpcStatus.UNAVAILABLE, "later"));
        });
        Both both = mutual();
        assertThat(failure(steps.unary(both.client(), "busy", "x")).is(Trait.RETRYABLE))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplyFailsAmidItsBodyAndTheConnectionSurvives(boolean masked) {
        desk.on("breaks", request -> {
            request.body().discard();
            return Mono.just(reply(Body.of(Flux.concat(
                    steps.numbers(2),
                    Flux.error(
                            masked
                                    ? new IllegalStateException("secret")
                                    : RpcException.of(RpcStatus.DATA_LOSS, "disk 3"))))));
        });
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "breaks", steps.one("x"))))
                .expectNext("0", "1")
                .expectErrorSatisfies(failure -> {
                    RpcException told = (RpcException) failure;
                    assertThat(told.isRemote()).isTrue();
                    assertThat(told.rpcStatus()).isEqualTo(masked ? RpcStatus.INTERNAL : RpcStatus.DATA_LOSS);
                    assertThat(told.getMessage())
                            .contains(masked ? "id " : "disk 3")
                            .doesNotContain("secret");
                })
                .verify(LONG);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aRequestFailsAmidItsBodyAndTheConnectionSurvives() {
        AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
        desk.on(
                "collect",
                request -> Flux.from(request.body())
                        .map(Steps::text)
                        .doOnError(seen::set)
                        .collectList()
                        .map(all -> reply(steps.one(all.toString()))));
        Both both = mutual();
        Body body = Body.of(Flux.concat(steps.numbers(2), Flux.error(RpcException.of(RpcStatus.DATA_LOSS, "disk 3"))));
        RpcException failure = failure(text(call(both.client(), "collect", body)));
        assertThat(failure.rpcStatus()).isIn(RpcStatus.DATA_LOSS, RpcStatus.CANCELLED);
        await().untilAsserted(() -> assertThat(seen.get()).isInstanceOf(RpcException.class));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    // ---- metadata

    @Test
    void metadataGoesForthAndBack() {
        desk.on("meta", request -> {
            Fields got = request.fields();
            return Mono.just(new RpcReply(
                    Fields.of("answer", got.get("question") + "!"),
                    Content.JSON,
                    Body.of(request.body(), Body.UNKNOWN_LENGTH, Mono.just(Fields.of("checksum", "42")))));
        });
        Both both = mutual();
        RpcReply reply = both.client()
                .call(steps.request("meta", "x").withFields(Fields.of("question", "why", "other", "1", "other", "2")))
                .block(LONG);
        assertThat(reply.fields().get("answer")).isEqualTo("why!");
        assertThat(text(Mono.just(reply)).block(LONG)).isEqualTo("x");
        assertThat(reply.body().trailers().block(LONG)).isEqualTo(Fields.of("checksum", "42"));
    }

    @Test
    void withoutTrailersThereAreNone() {
        Both both = mutual();
        RpcReply reply = both.client().call(steps.request("echo", "x")).block(LONG);
        assertThat(text(Mono.just(reply)).block(LONG)).isEqualTo("x");
        assertThat(reply.body().trailers().blockOptional(LONG).orElse(Fields.empty()))
                .isEqualTo(Fields.empty());
    }

    @Test
    void trailersThatFailFailTheBody() {
        desk.on("meta", request -> {
            request.body().discard();
            return Mono.just(reply(Body.of(
                    steps.numbers(1),
                    Body.UNKNOWN_LENGTH,
                    Mono.error(RpcException.of(RpcStatus.DATA_LOSS, "no checksum")))));
        });
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "meta", steps.one("x"))))
                .expectNext("0")
                .expectErrorSatisfies(failure -> assertThat(failure).hasMessageContaining("no checksum"))
                .verify(LONG);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void metadataBeyondTheLimitFailsItsCallAlone() {
        desk.on("large", request -> {
            request.body().discard();
            return Mono.just(reply(steps.one("x")).withFields(Fields.of("large", "y".repeat(2000))));
        });
        Both both = open(quick().maxHeader(1000).build());
        failure(text(both.client().call(steps.request("echo", "x").withFields(Fields.of("large", "y".repeat(2000))))));
        assertThat(desk.calls).hasValue(0);
        failure(steps.unary(both.client(), "large", "x"));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void attributesDoNotCross() {
        AtomicReference<@Nullable String> seen = new AtomicReference<>("none");
        desk.on("note", request -> {
            seen.set(request.attributes().get(NOTE));
            return Mono.just(reply(request.body()));
        });
        Both both = mutual();
        text(both.client().call(steps.request("note", "x").withAttributes(Attributes.EMPTY.with(NOTE, "mine"))))
                .block(LONG);
        assertThat(seen).hasValue(null);
    }

    // ---- deadlines

    @Test
    void aDeadlineEndsTheCallOnBothSides() {
        AtomicReference<@Nullable Deadline> seen = new AtomicReference<>();
        desk.on("late", request -> {
            seen.set(request.deadline());
            request.body().discard();
            return Mono.<RpcReply>never().doOnCancel(given::incrementAndGet);
        });
        Both both = mutual();
        RpcException failure = failure(
                both.client().call(steps.request("late", "x").withDeadline(Deadline.after(Duration.ofMillis(50)))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        await().untilAsserted(() -> assertThat(given).hasValue(1));
        assertThat(seen.get().isNone()).isFalse();
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aDeadlineEndsABodyThatGoesOn() {
        ScriptedBody answer = ScriptedBody.create();
        desk.on("script", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        });
        Both both = mutual();
        StepVerifier.create(texts(both.client()
                        .call(steps.request("script", "x").withDeadline(Deadline.after(Duration.ofMillis(300))))))
                .then(() -> answer.emit(steps.buffers.utf8("a")))
                .expectNext("a")
                .expectErrorSatisfies(failure ->
                        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED))
                .verify(LONG);
        await().untilAsserted(() -> assertThat(answer.cancels()).isEqualTo(1));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    // ---- limits

    @Test
    void callsBeyondTheLimitAreRefusedUnprocessed() {
        CountDownLatch reached = called("never");
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(quick().build()),
                RpcSpec.DEFAULTS.withSettings(quick().maxStreams(1).build()).withHandler(desk));
        Disposable first = both.client().call(steps.request("never", "x")).subscribe();
        await1(reached);
        RpcException failure = failure(steps.unary(both.client(), "echo", "x"));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.RESOURCE_EXHAUSTED);
        assertThat(failure.is(Trait.RETRYABLE)).isTrue();
        assertThat(desk.calls).hasValue(1);
        first.dispose();
        await().untilAsserted(() -> assertThat(both.server().stats().incoming()).isZero());
        await().untilAsserted(() -> assertThat(alive(both.client())).isEqualTo("alive?"));
    }

    @Test
    void callsInFlightAreCounted() {
        CountDownLatch reached = called("never");
        Both both = mutual();
        Disposable call = both.client().call(steps.request("never", "x")).subscribe();
        await1(reached);
        assertThat(both.client().stats().outgoing()).isEqualTo(1);
        assertThat(both.client().stats().incoming()).isZero();
        assertThat(both.server().stats().incoming()).isEqualTo(1);
        assertThat(both.server().stats().outgoing()).isZero();
        call.dispose();
    }

    // ---- the end

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eitherSideMayClose(boolean forth) {
        Both both = mutual();
        alive(both.client());
        side(both, forth).closeAsync(LONG).block(LONG);
        assertThat(both.client().closed().block(LONG)).satisfies(CallBehaviour::clean);
        assertThat(both.server().closed().block(LONG)).satisfies(CallBehaviour::clean);
    }

    @Test
    void bothSidesMayCloseAtOnce() {
        Both both = mutual();
        Mono.when(both.client().closeAsync(LONG), both.server().closeAsync(LONG))
                .block(LONG);
        assertThat(both.client().closed().block(LONG)).satisfies(CallBehaviour::clean);
        assertThat(both.server().closed().block(LONG)).satisfies(CallBehaviour::clean);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDrainLetsCallsOfBothSidesFinishAndRefusesNewOnes(boolean forth) {
        ScriptedBody answer = ScriptedBody.create();
        desk.on("script", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        });
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "script", steps.one("x"))))
                .then(() -> answer.emit(steps.buffers.utf8("a")))
                .expectNext("a")
                .then(() -> side(both, forth).closeAsync(LONG).subscribe())
                .then(() -> await().until(() -> both.client().status() == Status.CLOSED))
                .then(() -> await().until(() -> both.server().status() == Status.CLOSED))
                .then(() -> {
                    for (RpcConnection side : List.of(both.client(), both.server())) {
                        RpcException refusal = failure(steps.unary(side, "echo", "x"));
                        assertThat(refusal.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
                        assertThat(refusal.is(Trait.RETRYABLE)).isTrue();
                    }
                })
                .then(() -> answer.emit(steps.buffers.utf8("b")))
                .then(answer::complete)
                .expectNext("b")
                .expectComplete()
                .verify(LONG);
        assertThat(both.client().closed().block(LONG)).satisfies(CallBehaviour::clean);
        assertThat(both.server().closed().block(LONG)).satisfies(CallBehaviour::clean);
    }

    @Test
    void whenTheGraceIsOverCallsAreCut() {
        CountDownLatch reached = called("never");
        Both both = mutual();
        Mono<RpcReply> call = both.client().call(steps.request("never", "x"));
        StepVerifier.create(call)
                .then(() -> await1(reached))
                .then(() -> both.server().closeAsync(Duration.ofMillis(50)).subscribe())
                .expectErrorSatisfies(failure ->
                        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE))
                .verify(LONG);
        await().untilAsserted(() -> assertThat(given).hasValue(1));
        assertThat(both.server().closed().block(LONG)).isNotNull();
        assertThat(both.client().closed().block(LONG)).isNotNull();
    }

    @Test
    void withoutGraceCallsAreCutAtOnce() {
        CountDownLatch reached = called("never");
        Both both = mutual();
        StepVerifier.create(both.client().call(steps.request("never", "x")))
                .then(() -> await1(reached))
                .then(() -> both.client().closeAsync(Duration.ZERO).subscribe())
                .expectErrorSatisfies(failure ->
                        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE))
                .verify(LONG);
        await().untilAsserted(() -> assertThat(given).hasValue(1));
    }

    @Test
    void anAbortTellsTheOtherSideWhy() {
        Both both = mutual();
        alive(both.client());
        both.server().abort("out of order");
        assertThat(both.server().closed().block(LONG).kind()).isEqualTo(Ending.Kind.ABORTED);
        Ending there = both.client().closed().block(LONG);
        assertThat(there.kind()).isEqualTo(Ending.Kind.ABORTED_BY_PEER);
        assertThat(there.detail()).contains("out of order");
    }

    @Test
    void anAbortCutsBodiesOfBothWays() {
        ScriptedBody upload = ScriptedBody.create();
        ScriptedBody answer = ScriptedBody.create();
        desk.on("script", request -> {
            Flux.from(request.body()).map(Steps::size).subscribe(size -> {}, failure -> given.incrementAndGet());
            return Mono.just(reply(answer));
        });
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "script", upload)))
                .then(() -> answer.emit(steps.buffers.utf8("a")))
                .expectNext("a")
                .then(() -> both.server().abort("enough"))
                .expectErrorSatisfies(failure -> assertThat(((RpcException) failure).rpcStatus())
                        .isIn(RpcStatus.UNAVAILABLE, RpcStatus.DATA_LOSS))
                .verify(LONG);
        await().untilAsserted(() -> assertThat(upload.cancels()).isEqualTo(1));
        await().untilAsserted(() -> assertThat(answer.cancels()).isEqualTo(1));
        await().untilAsserted(() -> assertThat(given).hasValue(1));
    }

    @Test
    void aLostConnectionEndsEverythingOnBothSides() {
        ScriptedBody upload = ScriptedBody.create();
        CountDownLatch reached = new CountDownLatch(1);
        desk.on("never", request -> {
            Flux.from(request.body()).map(Steps::size).subscribe(size -> {}, failure -> {});
            return Mono.<RpcReply>never()
                    .doOnSubscribe(s -> reached.countDown())
                    .doOnCancel(given::incrementAndGet);
        });
        Both both = mutual();
        Runnable lose = both.lose() == null ? () -> both.client().abort("there is nothing to lose") : both.lose();
        StepVerifier.create(call(both.client(), "never", upload))
                .then(() -> await1(reached))
                .then(lose::run)
                .expectErrorSatisfies(failure ->
                        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE))
                .verify(LONG);
        await().untilAsserted(() -> assertThat(given).hasValue(1));
        await().untilAsserted(() -> assertThat(upload.cancels()).isEqualTo(1));
        if (both.lose() != null) {
            assertThat(both.client().closed().block(LONG).kind()).isEqualTo(Ending.Kind.LOST);
            assertThat(both.server().closed().block(LONG).kind()).isEqualTo(Ending.Kind.LOST);
        }
    }
}
