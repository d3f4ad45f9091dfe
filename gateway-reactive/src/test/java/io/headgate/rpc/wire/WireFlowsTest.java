package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class WireFlowsTest {

    private static final RpcSettings SETTINGS =
            RpcSettings.builder().maxElement(3000).maxFrame(8192).build();

    private final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();

    @AfterEach
    void nothingLeaks() {
        alloc.assertNoLeaks();
    }

    private WireFrame data(int flags, int stream, String text) {
        return new WireFrame(FrameType.DATA, flags, stream, alloc.utf8(text));
    }

    private WireFrame frame(int type, int stream, int... bytes) {
        ByteBuf payload = alloc.buffer();
        for (int each : bytes) {
            payload.writeByte(each);
        }
        return new WireFrame(type, 0, stream, payload);
    }

    /** Each frame is made when it is asked for, so that none is lost when nobody asks. */
    private Flux<WireFrame> call() {
        return frames(
                () -> data(0, 1, "one"),
                () -> data(FrameType.MORE, 3, "x".repeat(2000)),
                () -> data(0, 1, "two"),
                () -> data(FrameType.END, 3, "y"),
                () -> frame(FrameType.PING, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                () -> data(FrameType.END | FrameType.VOID, 1, ""));
    }

    @SafeVarargs
    private static Flux<WireFrame> frames(Supplier<WireFrame>... frames) {
        return Flux.fromArray(frames).map(Supplier::get);
    }

    private static String text(ByteBuf bytes) {
        try {
            return bytes.toString(StandardCharsets.UTF_8);
        } finally {
            bytes.release();
        }
    }

    private static String text(WireFrame frame) {
        return frame.type() + " " + frame.flags() + " " + frame.stream() + " " + text(frame.payload());
    }

    private Flux<ByteBuf> wire(int piece) {
        return call().transform(WireFlows.bytes(alloc))
                .concatMapIterable(bytes -> {
                    List<ByteBuf> pieces = new ArrayList<>();
                    while (bytes.isReadable()) {
                        pieces.add(bytes.readRetainedSlice(Math.min(piece, bytes.readableBytes())));
                    }
                    bytes.release();
                    return pieces;
                })
                .doOnDiscard(ByteBuf.class, ByteBuf::release);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 10_000})
    void framesBecomeBytesAndFramesAgainWhateverTheyAreCutInto(int piece) {
        List<String> sent = call().map(WireFlowsTest::text).collectList().block();
        List<String> come = wire(piece)
                .transform(WireFlows.frames(alloc, SETTINGS))
                .map(WireFlowsTest::text)
                .collectList()
                .block();
        assertThat(come).isEqualTo(sent);
    }

    @Test
    void theElementsOfACallAreAmongThoseOfOthers() {
        StepVerifier.create(
                        call().transform(WireFlows.elements(alloc, SETTINGS, 1)).map(WireFlowsTest::text))
                .expectNext("one", "two")
                .verifyComplete();
        StepVerifier.create(
                        call().transform(WireFlows.elements(alloc, SETTINGS, 3)).map(WireFlowsTest::text))
                .expectNext("x".repeat(2000) + "y")
                .verifyComplete();
    }

    @Test
    void demandIsHonoured() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        StepVerifier.create(
                        source.flux()
                                .transform(WireFlows.frames(alloc, SETTINGS))
                                .map(WireFlowsTest::text),
                        0)
                .then(() -> source.assertMinRequested(0))
                .thenRequest(1)
                .then(() -> {
                    ByteBuf all = alloc.utf8(Banner.own());
                    for (int i = 0; i < 3; i++) {
                        Frames.header(all, 1, FrameType.DATA, 0, 1);
                        all.writeByte('a' + i);
                    }
                    source.next(all);
                })
                .expectNext("3 0 1 a")
                .thenRequest(1)
                .expectNext("3 0 1 b")
                .thenCancel()
                .verify();
        source.assertCancelled();
        source.assertNoRequestOverflow();
    }

    @Test
    void whatIsHeldIsReleasedWhenSomebodyGoes() {
        StepVerifier.create(wire(5).transform(WireFlows.frames(alloc, SETTINGS)).map(WireFlowsTest::text), 1)
                .expectNextCount(1)
                .thenCancel()
                .verify();
        StepVerifier.create(call().transform(WireFlows.elements(alloc, SETTINGS, 3)), 0)
                .thenRequest(1)
                .consumeNextWith(ByteBuf::release)
                .thenCancel()
                .verify();
        StepVerifier.create(Flux.concat(
                                Flux.defer(() -> Flux.just(data(FrameType.MORE, 3, "abc"))),
                                Flux.error(new IllegalStateException("gone")))
                        .transform(WireFlows.elements(alloc, SETTINGS, 3)))
                .verifyErrorMessage("gone");
    }

    private void fails(Flux<?> flux, RpcStatus status, String message) {
        StepVerifier.create(flux).verifyErrorSatisfies(error -> {
            assertThat(error).isInstanceOf(RpcException.class).hasMessageContaining(message);
            assertThat(((RpcException) error).rpcStatus()).isEqualTo(status);
        });
    }

    @Test
    void whatBreaksTheFormatIsNamed() {
        fails(
                Flux.defer(() -> Flux.just(alloc.utf8("GET / HTTP/1.1\r\n")))
                        .transform(WireFlows.frames(alloc, SETTINGS)),
                RpcStatus.INTERNAL,
                "banner: \"GET / HTTP/1.1");
        fails(
                Flux.defer(() -> Flux.just(opening(8193, FrameType.DATA))).transform(WireFlows.frames(alloc, SETTINGS)),
                RpcStatus.INTERNAL,
                "length of DATA: 8193 (expected: at most 8192)");
        fails(
                Flux.defer(() -> Flux.just(opening(12, FrameType.DATA))).transform(WireFlows.frames(alloc, SETTINGS)),
                RpcStatus.DATA_LOSS,
                "end amid a frame: DATA, 12 bytes missing");
        fails(
                Flux.defer(() -> Flux.just(data(FrameType.MORE, 1, "x".repeat(3001))))
                        .transform(WireFlows.elements(alloc, SETTINGS, 1)),
                RpcStatus.INTERNAL,
                "at least 3001 bytes (expected: at most 3000)");
        fails(
                Flux.defer(() -> Flux.just(data(FrameType.MORE, 1, "x"), frame(FrameType.TRAILER, 1, 0, 0, 0, 0, 0)))
                        .transform(WireFlows.elements(alloc, SETTINGS, 1)),
                RpcStatus.INTERNAL,
                "in the middle of an element");
        fails(
                Flux.defer(() -> Flux.just(data(FrameType.MORE, 1, "x")))
                        .transform(WireFlows.elements(alloc, SETTINGS, 1)),
                RpcStatus.DATA_LOSS,
                "amid an element");
    }

    @Test
    void aCallThatFailedFailsItsElements() {
        fails(
                Flux.defer(() -> Flux.just(frame(FrameType.ERROR, 1, RpcStatus.NOT_FOUND.number(), 'n', 'o')))
                        .transform(WireFlows.elements(alloc, SETTINGS, 1)),
                RpcStatus.NOT_FOUND,
                "no");
        fails(
                Flux.defer(() -> Flux.just(frame(FrameType.CANCEL, 1)))
                        .transform(WireFlows.elements(alloc, SETTINGS, 1)),
                RpcStatus.CANCELLED,
                "given up");
    }

    private ByteBuf opening(int length, int type) {
        ByteBuf out = alloc.utf8(Banner.own());
        Frames.header(out, length, type, 0, 1);
        return out;
    }
}
