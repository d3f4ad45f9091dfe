package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** Inbound bodies, linked and as a Flux, and ordinary bodies on their way to a sink. */
class InboundBodyTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loop loop = new Loop(0, channel.eventLoop(), Duration.ofMillis(10));
    private final Origin origin = new Origin();
    private final InboundBody body = new InboundBody(loop, origin, Body.UNKNOWN_LENGTH);
    private final Sink sink = new Sink();
    private final List<ByteBuf> made = new ArrayList<>();

    private static final class Origin implements BodyOrigin {
        private int consumed;
        private int abandoned;

        @Override
        public void consumed(int bytes) {
            consumed += bytes;
        }

        @Override
        public void abandon() {
            abandoned++;
        }
    }

    private static final class Sink implements BodySink {
        private final List<String> events = new ArrayList<>();
        private BodyOrigin origin;

        @Override
        public void begin(BodyOrigin from) {
            origin = from;
            events.add("begin");
        }

        @Override
        public void data(ByteBuf chunk, boolean last) {
            events.add(text(chunk) + (last ? "|" : ""));
        }

        @Override
        public void end(Fields trailers) {
            events.add("end " + trailers);
        }

        @Override
        public void fail(Throwable cause) {
            events.add("fail " + cause.getMessage());
        }
    }

    private static String text(ByteBuf buffer) {
        try {
            return buffer.toString(java.nio.charset.StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }

    private ByteBuf buffer(String text) {
        ByteBuf buffer = Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.UTF_8);
        made.add(buffer);
        return buffer;
    }

    @AfterEach
    void nothingIsHeld() {
        channel.finishAndReleaseAll();
        assertThat(made).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    // ---- linked

    @Test
    void linkPassesChunksAndTrailersAndTheOriginItself() {
        body.data(buffer("a"), false);
        body.link(sink);
        body.data(buffer("b"), false);
        body.end(Fields.of("x", "1"));
        assertThat(sink.events).containsExactly("begin", "a", "b", "end x: 1");
        assertThat(sink.origin).isSameAs(origin);
        assertThat(origin.consumed).isZero();
    }

    /** As an origin does that is no socket: a Reactor Netty server has the next piece at hand. */
    @Test
    void whatCreditBringsAtOnceComesBehindWhatWaited() {
        Deque<ByteBuf> next = new ArrayDeque<>(List.of(buffer("c"), buffer("d")));
        AtomicReference<InboundBody> eager = new AtomicReference<>();
        BodyOrigin prompt = new BodyOrigin() {
            @Override
            public void consumed(int bytes) {
                if (!next.isEmpty()) {
                    eager.get().data(next.remove(), false);
                }
            }

            @Override
            public void abandon() {}
        };
        eager.set(new InboundBody(loop, prompt, Body.UNKNOWN_LENGTH));
        eager.get().data(buffer("a"), false);
        eager.get().data(buffer("b"), false);
        StepVerifier.create(eager.get().map(InboundBodyTest::text))
                .expectNext("a", "b", "c", "d")
                .then(() -> eager.get().end(Fields.empty()))
                .verifyComplete();
    }

    @Test
    void linkToABodyThatHasEndedMarksTheLastChunk() {
        body.data(buffer("a"), false);
        body.data(buffer("b"), true);
        body.link(sink);
        assertThat(sink.events).containsExactly("begin", "a", "b|");
    }

    @Test
    void linkToABodyThatHasEndedEmptyEnds() {
        body.data(buffer(""), true);
        body.link(sink);
        assertThat(sink.events).containsExactly("begin", "end ");
    }

    @Test
    void linkToABodyThatHasFailedFailsAfterItsChunks() {
        body.data(buffer("a"), false);
        body.fail(new IOException("cut"));
        body.end(Fields.empty());
        body.link(sink);
        assertThat(sink.events).containsExactly("begin", "a", "fail cut");
    }

    @Test
    void secondUseFailsAndDoesNotDisturbTheFirst() {
        body.link(sink);
        Sink second = new Sink();
        body.link(second);
        assertThat(second.events).hasSize(2).last().asString().startsWith("fail body: subscribed");
        StepVerifier.create(body).verifyError(IllegalStateException.class);
        body.discard();
        assertThat(origin.abandoned).isZero();
        body.data(buffer("a"), true);
        assertThat(sink.events).containsExactly("begin", "a|");
    }

    // ---- discarded

    @Test
    void discardReturnsTheCreditOfWhatWaitsAndOfWhatComes() {
        body.data(buffer("abc"), false);
        body.discard();
        body.discard();
        assertThat(origin.consumed).isEqualTo(3);
        assertThat(origin.abandoned).isEqualTo(1);
        body.data(buffer("de"), false);
        assertThat(origin.consumed).isEqualTo(5);
    }

    @Test
    void discardOfAWholeBodyAbandonsNothing() {
        body.data(buffer("abc"), true);
        body.discard();
        assertThat(origin.consumed).isEqualTo(3);
        assertThat(origin.abandoned).isZero();
    }

    // ---- as a Flux

    @Test
    void creditIsReturnedForWhatWasAskedForOnly() {
        StepVerifier.create(body.map(InboundBodyTest::text), 0)
                .then(() -> body.data(buffer("abc"), false))
                .then(() -> body.data(buffer("de"), false))
                .then(() -> assertThat(origin.consumed).isZero())
                .thenRequest(1)
                .expectNext("abc")
                .then(() -> assertThat(origin.consumed).isEqualTo(3))
                .thenRequest(1)
                .expectNext("de")
                .then(() -> body.end(Fields.of("x", "1")))
                .verifyComplete();
        assertThat(origin.consumed).isEqualTo(5);
        assertThat(origin.abandoned).isZero();
        StepVerifier.create(body.trailers()).expectNext(Fields.of("x", "1")).verifyComplete();
    }

    @Test
    void endDoesNotOvertakeChunksThatWaitForDemand() {
        StepVerifier.create(body.map(InboundBodyTest::text), 0)
                .then(() -> body.data(buffer("a"), true))
                .thenRequest(1)
                .expectNext("a")
                .verifyComplete();
    }

    @Test
    void failureDoesNotOvertakeChunksThatWaitForDemand() {
        StepVerifier.create(body.map(InboundBodyTest::text), 0)
                .then(() -> body.data(buffer("a"), false))
                .then(() -> body.fail(new IOException("cut")))
                .thenRequest(1)
                .expectNext("a")
                .verifyErrorMessage("cut");
        StepVerifier.create(body.trailers()).verifyErrorMessage("cut");
    }

    @Test
    void cancelReleasesWhatWaitsAndAbandonsOnce() {
        StepVerifier.create(body, 0)
                .then(() -> body.data(buffer("abc"), false))
                .thenCancel()
                .verify();
        assertThat(origin.consumed).isEqualTo(3);
        assertThat(origin.abandoned).isEqualTo(1);
        body.data(buffer("de"), false);
        body.fail(new IOException("late"));
        assertThat(origin.consumed).isEqualTo(5);
        assertThat(origin.abandoned).isEqualTo(1);
    }

    @Test
    void cancelWithinOnNextStopsTheRest() {
        body.data(buffer("a"), false);
        body.data(buffer("b"), false);
        StepVerifier.create(body.map(InboundBodyTest::text).take(1))
                .expectNext("a")
                .verifyComplete();
        assertThat(origin.consumed).isEqualTo(2);
        assertThat(origin.abandoned).isEqualTo(1);
    }

    @Test
    void trailersOfABodyWithoutThemAreEmpty() {
        StepVerifier.create(body.trailers())
                .then(() -> body.data(buffer("a"), true))
                .verifyComplete();
        body.discard();
    }

    // ---- from a Flux to a sink

    @Test
    void feedAsksForOneBufferAtATimeWhileTheSinkKeepsUp() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Bodies.pipe(Body.of(source), sink, loop);
        source.assertMinRequested(1);
        source.next(buffer("a"));
        source.assertMinRequested(1);
        source.next(buffer("x".repeat(64 * 1024)));
        source.assertMaxRequested(0);
        sink.origin.consumed(1);
        source.assertMaxRequested(0);
        sink.origin.consumed(1);
        source.assertMinRequested(1);
        source.complete();
        assertThat(sink.events).first().isEqualTo("begin");
        assertThat(sink.events).last().isEqualTo("end ");
    }

    @Test
    void feedCancelsItsSourceWhenAbandoned() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Bodies.pipe(Body.of(source), sink, loop);
        sink.origin.abandon();
        source.assertCancelled();
        sink.origin.consumed(10);
        assertThat(sink.events).containsExactly("begin");
    }

    @Test
    void feedFailsABodyThatBreaksItsPromise() {
        Bodies.pipe(Body.of(Flux.just(buffer("abc")), 2, reactor.core.publisher.Mono.empty()), sink, loop);
        assertThat(sink.events).hasSize(2).last().asString().startsWith("fail body: more than the 2 bytes");
        Sink other = new Sink();
        Bodies.pipe(Body.of(Flux.just(buffer("abc")), 4, reactor.core.publisher.Mono.empty()), other, loop);
        assertThat(other.events).hasSize(3).last().asString().startsWith("fail body: 3 bytes (expected: the 4");
    }

    @Test
    void feedFetchesTrailersAfterTheLastBuffer() {
        Bodies.pipe(
                Body.of(Flux.just(buffer("a")), 1, reactor.core.publisher.Mono.just(Fields.of("x", "1"))), sink, loop);
        assertThat(sink.events).containsExactly("begin", "a", "end x: 1");
    }

    @Test
    void mappedBodyKeepsDemandCreditAndTrailers() {
        Bodies.pipe(body.via(flux -> flux.map(b -> b)), sink, loop);
        body.data(buffer("abc"), false);
        body.end(Fields.of("x", "1"));
        assertThat(sink.events).containsExactly("begin", "abc", "end x: 1");
        assertThat(origin.consumed).isEqualTo(3);
        assertThat(origin.abandoned).isZero();
    }

    @Test
    void mappedBodyPassesAbandonToTheOrigin() {
        Bodies.pipe(body.via(flux -> flux.map(b -> b)), sink, loop);
        sink.origin.abandon();
        assertThat(origin.abandoned).isEqualTo(1);
    }

    @Test
    void aSourceThatOutlivesTheLoopIsCancelledAndHoldsNothing() {
        DefaultEventLoop ended = new DefaultEventLoop();
        Loop gone = new Loop(0, ended, Duration.ofMillis(10));
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Bodies.pipe(Body.of(source.flux()), sink, gone);
        ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
        ByteBuf late = Unpooled.buffer().writeByte(1);
        source.next(late);
        assertThat(late.refCnt()).isZero();
        source.assertCancelled();
        assertThat(sink.events).containsExactly("begin");
    }
}
