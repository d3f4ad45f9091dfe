package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.subscriber.TestSubscriber;

class WireCallTest {

    private static final int KIB = 1024;

    static Mono<RpcReply> echo(RpcRequest request) {
        return Mono.just(RpcReply.of(request.content(), Body.of(request.body())));
    }

    static RpcRequest call(String endpoint, Body body) {
        return RpcRequest.of(endpoint, Content.JSON, Content.JSON, body);
    }

    @Test
    void aSmallCallIsTwoFramesThereAndOneBack() {
        FrameLog log = new FrameLog();
        RpcSpec spec = RpcSpec.DEFAULTS;
        Pair pair = Pair.of(
                spec.withObserver(log),
                spec.withHandler(request -> request.body()
                        .asString(1000)
                        .map(text -> RpcReply.of(Content.JSON, Body.utf8(request.endpoint() + ":" + text)))));
        log.frames.clear();
        List<String> replies = new ArrayList<>();
        pair.caller
                .call(call("echo", Body.of(pair.utf8("hello"))))
                .flatMap(reply -> reply.body().asString(1000))
                .subscribe(replies::add);
        pair.run();
        assertThat(replies).containsExactly("echo:hello");
        assertThat(log.frames).containsExactly("> HEADER 1 17", "> DATA 1 5", "< DATA 1 10");
        assertThat(log.calls).containsExactly("> echo", "> echo OK");
        pair.close();
    }

    @Test
    void metadataContentAndTrailersArrive() {
        AtomicReference<RpcRequest> seen = new AtomicReference<>();
        Pair pair = Pair.of(request -> {
            seen.set(request);
            request.body().discard();
            Body body = Body.of(
                    Flux.just(Unbuffered.utf8("x")), Body.UNKNOWN_LENGTH, Mono.just(Fields.of("checksum", "17")));
            return Mono.just(new RpcReply(Fields.of("served-by", "me"), Content.PROTOBUF, body));
        });
        RpcReply reply = result(
                pair, pair.caller.call(call("e", Body.empty()).withFields(Fields.of("Trace-Id", "abc", "x", ""))));
        assertThat(seen.get().fields()).isEqualTo(Fields.of("trace-id", "abc", "x", ""));
        assertThat(seen.get().fields().name(0)).hasToString("trace-id");
        assertThat(seen.get().body().isEmpty()).isTrue();
        assertThat(reply.fields().get("served-by")).isEqualTo("me");
        assertThat(reply.content()).isEqualTo(Content.PROTOBUF);
        assertThat(texts(pair, reply.body())).containsExactly("x");
        assertThat(reply.body().trailers().block()).isEqualTo(Fields.of("checksum", "17"));
        pair.close();
    }

    @Test
    void aCallWithoutElementsEitherWayIsAnswered() {
        Pair pair = Pair.of(request -> Mono.just(RpcReply.of(Content.NONE, Body.empty())));
        RpcReply reply = result(pair, pair.caller.call(RpcRequest.of("e", Content.NONE, Content.NONE, Body.empty())));
        assertThat(reply.body().isEmpty()).isTrue();
        pair.close();
    }

    @Test
    void anEmptyElementIsNotTheSameAsNone() {
        Pair pair = Pair.of(WireCallTest::echo);
        for (int elements = 0; elements < 4; elements++) {
            RpcRequest request = RpcRequest.of(
                    "e",
                    Content.PROTOBUF,
                    Content.PROTOBUF,
                    Body.of(Flux.range(0, elements).map(i -> pair.utf8(""))));
            RpcReply reply = result(pair, pair.caller.call(request));
            assertThat(texts(pair, reply.body())).hasSize(elements).allMatch(String::isEmpty);
        }
        pair.close();
    }

    @Test
    void streamsGoBothWaysAtOnce() {
        Pair pair = Pair.of(WireCallTest::echo);
        RpcReply reply = result(
                pair, pair.caller.call(call("e", Body.of(Flux.range(0, 1000).map(i -> pair.utf8("element " + i))))));
        assertThat(texts(pair, reply.body()))
                .hasSize(1000)
                .startsWith("element 0")
                .endsWith("element 999");
        pair.close();
    }

    @Test
    void whoAcceptedTheByteStreamCanCallToo() {
        Pair pair = Pair.of(
                RpcSpec.DEFAULTS.withHandler(WireCallTest::echo), RpcSpec.DEFAULTS.withHandler(WireCallTest::echo));
        RpcReply there = result(pair, pair.caller.call(call("e", Body.of(pair.utf8("a")))));
        RpcReply back = result(pair, pair.callee.call(call("e", Body.of(pair.utf8("b")))));
        assertThat(texts(pair, there.body())).containsExactly("a");
        assertThat(texts(pair, back.body())).containsExactly("b");
        pair.close();
    }

    @Test
    void elementsOfAnySizeArriveWhole() {
        RpcSettings settings = RpcSettings.builder()
                .maxFrame(KIB)
                .streamWindow(4 * KIB)
                .connectionWindow(16 * KIB)
                .maxElement(64 * KIB)
                .build();
        Pair pair = Pair.of(settings, WireCallTest::echo);
        int[] sizes = {0, 1, 1023, 1024, 1025, 2048, 4096, 5000, 64 * KIB};
        List<ByteBuf> parts = new ArrayList<>();
        for (int size : sizes) {
            parts.add(pair.allocator.buffer(Math.max(size, 1)).writeZero(size));
        }
        RpcReply reply = result(pair, pair.caller.call(call("e", Body.of(Flux.fromIterable(parts)))));
        List<Integer> got = new ArrayList<>();
        reply.body().subscribe(buffer -> {
            got.add(buffer.readableBytes());
            buffer.release();
        });
        pair.run();
        assertThat(got).containsExactly(0, 1, 1023, 1024, 1025, 2048, 4096, 5000, 64 * KIB);
        pair.close();
    }

    @Test
    void octetsAreSplitAsTheFramesWant() {
        RpcSettings settings = RpcSettings.builder()
                .maxFrame(KIB)
                .streamWindow(4 * KIB)
                .connectionWindow(16 * KIB)
                .maxElement(64)
                .build();
        Pair pair = Pair.of(settings, WireCallTest::echo);
        ByteBuf bytes = pair.allocator.buffer(100_000);
        for (int i = 0; i < 25_000; i++) {
            bytes.writeInt(i);
        }
        RpcReply reply = result(
                pair,
                pair.caller.call(
                        RpcRequest.of("e", Content.OCTETS, Content.OCTETS, Body.of(bytes.retainedDuplicate()))));
        List<ByteBuf> got = new ArrayList<>();
        reply.body().subscribe(got::add);
        pair.run();
        ByteBuf all = pair.allocator.buffer(100_000);
        got.forEach(part -> {
            assertThat(part.readableBytes()).isBetween(1, KIB);
            all.writeBytes(part);
            part.release();
        });
        assertThat(all).isEqualTo(bytes);
        all.release();
        bytes.release();
        pair.close();
    }

    @Test
    void elementsGoExactlyAsFarAsTheyAreAskedFor() {
        List<Integer> made = new ArrayList<>();
        Pair pair = Pair.of(request -> Mono.just(RpcReply.of(
                Content.JSON, Body.of(Flux.range(0, 100).doOnNext(made::add).map(i -> Unbuffered.utf8("" + i))))));
        RpcReply reply = result(pair, pair.caller.call(call("e", Body.empty())));
        assertThat(made).hasSize(1); // the one that may come before it is asked for
        TestSubscriber<String> consumer =
                TestSubscriber.builder().initialRequest(0).build();
        reply.body().map(Pair::text).subscribe(consumer);
        int[] asked = {1, 1, 10};
        int[] expected = {1, 2, 12};
        for (int i = 0; i < asked.length; i++) {
            consumer.request(asked[i]);
            pair.run();
            assertThat(made).hasSize(expected[i]);
            assertThat(consumer.getReceivedOnNext()).hasSize(expected[i]);
        }
        consumer.cancel();
        pair.run();
        assertThat(made).hasSize(12);
        pair.close();
    }

    @Test
    void anErrorInMidStreamLeavesTheConnectionUsable() {
        Pair pair = Pair.of(request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(
                    Content.JSON,
                    Body.of(Flux.concat(
                            Flux.just("a", "b").map(Unbuffered::utf8),
                            Flux.error(RpcException.of(RpcStatus.DATA_LOSS, "disk: gone (expected: one)"))))));
        });
        for (int i = 0; i < 3; i++) {
            RpcReply reply = result(pair, pair.caller.call(call("e", Body.of(pair.utf8("x")))));
            StepVerifier.create(reply.body().map(Pair::text))
                    .then(pair::run)
                    .expectNext("a", "b")
                    .expectErrorSatisfies(error -> {
                        RpcException failure = (RpcException) error;
                        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
                        assertThat(failure.isRemote()).isTrue();
                        assertThat(failure).hasMessage("disk: gone (expected: one)");
                    })
                    .verify();
        }
        pair.close();
    }

    @Test
    void aFailedCallFailsWithItsStatusAndAMaskedOneWithAnId() {
        Pair pair = Pair.of(request -> {
            request.body().discard();
            return switch (request.endpoint()) {
                case "refused" -> Mono.error(RpcException.refused(RpcStatus.UNAVAILABLE, "not now"));
                case "thrown" -> throw new IllegalStateException("secret");
                case "empty" -> Mono.empty();
                default -> Mono.error(RpcException.of(RpcStatus.NOT_FOUND, "x".repeat(5000)));
            };
        });
        RpcException refused = failure(pair, pair.caller.call(call("refused", Body.empty())));
        assertThat(refused.is(Trait.RETRYABLE)).isTrue();
        assertThat(refused.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        RpcException thrown = failure(pair, pair.caller.call(call("thrown", Body.of(pair.utf8("x")))));
        assertThat(thrown.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(thrown.getMessage())
                .startsWith("thrown: internal error, id ")
                .doesNotContain("secret");
        assertThat(failure(pair, pair.caller.call(call("empty", Body.empty()))).rpcStatus())
                .isEqualTo(RpcStatus.INTERNAL);
        RpcException longText = failure(pair, pair.caller.call(call("other", Body.empty())));
        assertThat(longText.getMessage()).hasSize(1024).endsWith("x...");
        assertThat(longText.is(Trait.RETRYABLE)).isFalse();
        pair.close();
    }

    @Test
    void aRequestBodyThatFailsFailsTheCallOnBothSides() {
        List<Throwable> seen = new ArrayList<>();
        Pair pair = Pair.of(request -> request.body()
                .doOnNext(ByteBuf::release)
                .doOnError(seen::add)
                .then(Mono.just(RpcReply.of(Content.JSON, Body.empty()))));
        RpcException failure = failure(
                pair,
                pair.caller.call(call(
                        "e",
                        Body.of(Flux.concat(
                                Flux.just(pair.utf8("a"), pair.utf8("b")),
                                Flux.error(RpcException.of(RpcStatus.ABORTED, "changed my mind")))))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.ABORTED);
        assertThat(seen).singleElement().satisfies(error -> {
            assertThat(((RpcException) error).isRemote()).isTrue();
            assertThat(error).hasMessage("changed my mind");
        });
        pair.close();
    }

    static RpcReply result(Pair pair, Mono<RpcReply> call) {
        AtomicReference<RpcReply> reply = new AtomicReference<>();
        AtomicReference<Throwable> error = new AtomicReference<>();
        call.subscribe(reply::set, error::set);
        pair.run();
        assertThat(error.get()).isNull();
        assertThat(reply.get()).isNotNull();
        return reply.get();
    }

    static RpcException failure(Pair pair, Mono<RpcReply> call) {
        AtomicReference<Throwable> error = new AtomicReference<>();
        call.subscribe(RpcReply::discard, error::set);
        pair.run();
        assertThat(error.get()).isInstanceOf(RpcException.class);
        return (RpcException) error.get();
    }

    static List<String> texts(Pair pair, Flux<ByteBuf> body) {
        List<String> texts = new ArrayList<>();
        AtomicReference<Throwable> error = new AtomicReference<>();
        List<String> ends = new ArrayList<>();
        body.map(Pair::text).subscribe(texts::add, error::set, () -> ends.add("end"));
        pair.run();
        assertThat(error.get()).isNull();
        assertThat(ends).containsExactly("end");
        return texts;
    }
}
