package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** The layers alone. */
class ZreplFlowsTest {

    private final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();

    @AfterEach
    void nothingLeaks() {
        alloc.assertNoLeaks();
    }

    private static String show(Frame frame) {
        String text =
                frame.type() + (frame.last() ? " last " : " ") + frame.payload().toString(StandardCharsets.UTF_8);
        frame.payload().release();
        return text;
    }

    private static String show(MessagePart part) {
        if (part instanceof MessagePart.Data data) {
            String text = "data " + data.payload().toString(StandardCharsets.UTF_8);
            data.payload().release();
            return text;
        }
        return part instanceof MessagePart.Head head
                ? head.header().endpoint() + " " + head.header().dataType()
                : part.toString();
    }

    private ByteBuf bytes(int... bytes) {
        ByteBuf buffer = alloc.heapBuffer(bytes.length);
        for (int b : bytes) {
            buffer.writeByte(b);
        }
        return buffer;
    }

    @Test
    void bytesBecomeFramesWhereverTheyAreCut() {
        Flux<String> frames = Flux.just(
                        bytes(2),
                        bytes(0, 3, 0),
                        bytes(0, 0, 'a'),
                        bytes('b', 'c', 2, 7, 0, 0, 0, 0, 0xff, 1, 0, 0),
                        bytes(0, 0))
                .transform(ZreplFlows.frames())
                .map(ZreplFlowsTest::show);
        StepVerifier.create(frames)
                .expectNext("DATA a", "DATA bc", "DATA last ", "RST last ")
                .verifyComplete();
    }

    @Test
    void framesBecomeBytesAndLongOnesBecomeSeveral() {
        Flux<String> written = Flux.just(
                        new Frame(FrameType.HEADER, true, alloc.utf8("{}")),
                        new Frame(FrameType.DATA, true, alloc.utf8("x".repeat(2500))))
                .transform(ZreplFlows.bytes(alloc, 1024))
                .transform(ZreplFlows.frames())
                .map(frame ->
                        frame.type() + " " + frame.last() + " " + show(frame).length());
        StepVerifier.create(written)
                .expectNext("HEADER true 14", "DATA false 1029", "DATA false 1029", "DATA true 462")
                .verifyComplete();
    }

    @Test
    void framesBecomeMessagesOfTheirSide() {
        ByteBuf header = alloc.heapBuffer(128);
        HeaderWriter.write(CallHeader.request("echo", CallHeader.OCTETS, CallHeader.NONE), header);
        Flux<String> parts = Flux.just(
                        new Frame(FrameType.HEADER, false, header.readRetainedSlice(5)),
                        new Frame(FrameType.HEADER, true, header),
                        new Frame(FrameType.DATA, false, alloc.utf8("one")),
                        new Frame(FrameType.DATA, true, alloc.utf8("two")),
                        new Frame(FrameType.RST, true, Unpooled.EMPTY_BUFFER))
                .transform(ZreplFlows.messages(Side.INITIATOR))
                .map(ZreplFlowsTest::show);
        StepVerifier.create(parts)
                .expectNext("echo 4", "data one", "data two", "End[]", "Reset[]")
                .verifyComplete();
    }

    @Test
    void headersThatComeAgainAreReadAsTheyAreWhateverCameBetween() {
        List<String> endpoints = List.of("ab", "ab", "abc", "ab", "x".repeat(600), "ab", "xx", "xx");
        List<Frame> frames = new ArrayList<>();
        for (String endpoint : endpoints) {
            ByteBuf text = alloc.heapBuffer();
            HeaderWriter.write(CallHeader.request(endpoint, CallHeader.NONE, CallHeader.JSON), text);
            frames.add(new Frame(FrameType.HEADER, true, text));
        }
        Flux<String> read = Flux.fromIterable(frames)
                .transform(ZreplFlows.messages(Side.INITIATOR))
                .map(part -> ((MessagePart.Head) part).header().endpoint());
        StepVerifier.create(read).expectNextSequence(endpoints).verifyComplete();
    }

    @Test
    void messagesGoThroughAllLayersAndBack() {
        Flux<MessagePart> replies = Flux.just(
                new MessagePart.Head(CallHeader.reply(CallHeader.JSON)),
                new MessagePart.Data(alloc.utf8("[1]")),
                new MessagePart.End(),
                new MessagePart.Head(CallHeader.failure(CallHeader.ERROR, "no <disk>")),
                new MessagePart.Reset());
        Flux<String> back = replies.transform(ZreplFlows.cut(alloc))
                .transform(ZreplFlows.bytes(alloc, 1 << 20))
                .transform(ZreplFlows.frames())
                .transform(ZreplFlows.messages(Side.ACCEPTOR))
                .map(ZreplFlowsTest::show);
        StepVerifier.create(back)
                .expectNext(" 3", "data [1]", "End[]", " 0", "Reset[]")
                .verifyComplete();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 6, 8})
    void d4AnEndAmidAFrameIsAnError(int length) {
        Flux<Frame> frames = Flux.just(bytes(2, 1, 5, 0, 0, 0, 'a', 'b').slice(0, length))
                .transform(ZreplFlows.frames())
                .doOnNext(frame -> frame.payload().release());
        StepVerifier.create(frames.ignoreElements())
                .verifyErrorSatisfies(
                        error -> assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS));
    }

    @Test
    void d4AnEndAmidAMessageIsAnError() {
        Flux<MessagePart> parts = Flux.just(new Frame(FrameType.HEADER, false, alloc.utf8("{")))
                .transform(ZreplFlows.messages(Side.INITIATOR));
        StepVerifier.create(parts).verifyErrorMessage("end amid a header message: its last frame is missing");
    }

    @Test
    void d1AFrameOfAnotherTypeIsAnErrorAfterWhatCameBefore() {
        Flux<String> frames = Flux.just(bytes(2, 1, 1, 0, 0, 0, 'a', 0x7e, 1, 0, 0, 0, 0, 2))
                .transform(ZreplFlows.frames())
                .map(ZreplFlowsTest::show);
        StepVerifier.create(frames)
                .expectNext("DATA last a")
                .verifyErrorMessage("type of a frame: 0x7e (expected: 0x1, 0x2 or 0xff)");
    }

    @Test
    void demandIsHonouredAndACancelReleasesWhatWaits() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(ZreplFlows.frames()).map(ZreplFlowsTest::show), 0)
                .then(() -> source.assertMaxRequested(0))
                .thenRequest(1)
                .then(() -> {
                    source.assertMaxRequested(1);
                    source.next(bytes(2, 0, 1, 0, 0, 0, 'a', 2, 0, 1, 0, 0, 0, 'b', 2, 0, 1, 0, 0, 0, 'c', 2));
                })
                .expectNext("DATA a")
                .thenRequest(1)
                .expectNext("DATA b")
                .then(() -> source.assertMaxRequested(1))
                .thenCancel()
                .verify();
        source.assertCancelled();
    }

    @Test
    void d8CountersDoNotOverflow() {
        long[] bytes = new long[1];
        List<String> ends = new ArrayList<>();
        MessageReader reader = new MessageReader(
                new MessageSink() {
                    @Override
                    public boolean isReady() {
                        return true;
                    }

                    @Override
                    public void head(CallHeader header) {
                        ends.add(header.endpoint());
                    }

                    @Override
                    public void data(ByteBuf part) {
                        bytes[0] += part.readableBytes();
                        part.release();
                    }

                    @Override
                    public void dataEnds() {
                        ends.add("end");
                    }

                    @Override
                    public void reset() {
                        ends.add("reset");
                    }
                },
                true);
        FrameReader frames = new FrameReader(reader, null);
        ByteBuf header = alloc.heapBuffer(128);
        HeaderWriter.write(CallHeader.request("big", CallHeader.OCTETS, CallHeader.JSON), header);
        frames.add(bytes(1, 1, header.readableBytes(), 0, 0, 0));
        frames.add(header);
        ByteBuf payload = alloc.heapBuffer(4 << 20).writeZero(4 << 20);
        for (int i = 0; i < 1280; i++) { // 5 GiB
            frames.add(bytes(2, 0, 0, 0, 0x40, 0));
            frames.add(payload.retainedSlice());
            frames.advance();
        }
        payload.release();
        frames.add(bytes(2, 1, 0, 0, 0, 0));
        frames.advance();
        assertThat(bytes[0]).isEqualTo(5L << 30);
        assertThat(ends).containsExactly("big", "end");
    }
}
