package io.headgate.rpc.wire;

import static io.headgate.rpc.wire.WireCallTest.call;
import static io.headgate.rpc.wire.WireCallTest.failure;
import static io.headgate.rpc.wire.WireCallTest.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service.Status;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.Ending.Kind;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

class WireEndTest {

    @Test
    void callsInFlightMayFinishAndNewOnesAreRefusedOnBothSides() {
        Sinks.One<RpcReply> answer = Sinks.one();
        FrameLog log = new FrameLog();
        Pair pair = Pair.of(
                RpcSpec.DEFAULTS.withObserver(log).withHandler(WireCallTest::echo),
                RpcSpec.DEFAULTS.withHandler(request -> answer.asMono()));
        TestSubscriber<String> slow = TestSubscriber.create();
        pair.caller
                .call(call("slow", Body.empty()))
                .flatMap(reply -> reply.body().asString(10))
                .subscribe(slow);
        pair.run();
        TestSubscriber<Void> closed = TestSubscriber.create();
        pair.callee.closeAsync(Duration.ofSeconds(10)).subscribe(closed);
        pair.run();
        assertThat(pair.caller.status()).isEqualTo(Status.CLOSED);
        assertThat(pair.callee.status()).isEqualTo(Status.CLOSED);
        assertThat(pair.caller.stats().phase()).isEqualTo(Phase.DRAINING);
        assertThat(failure(pair, pair.caller.call(call("new", Body.of(pair.utf8("x")))))
                        .is(Trait.RETRYABLE))
                .isTrue();
        assertThat(failure(pair, pair.callee.call(call("new", Body.empty()))).is(Trait.RETRYABLE))
                .isTrue();
        assertThat(closed.isTerminated()).isFalse();
        answer.tryEmitValue(RpcReply.of(Content.JSON, Body.utf8("done")));
        pair.run();
        assertThat(slow.getReceivedOnNext()).containsExactly("done");
        assertThat(closed.isTerminatedComplete()).isTrue();
        assertThat(pair.caller.stats().phase()).isEqualTo(Phase.CLOSED);
        assertThat(log.phases)
                .containsExactly(
                        "bytes OPEN",
                        "frames OPEN",
                        "calls OPEN",
                        "calls DRAINING",
                        "calls CLOSING",
                        "calls CLOSED",
                        "frames DRAINING",
                        "frames CLOSING",
                        "frames CLOSED",
                        "bytes DRAINING",
                        "bytes CLOSING",
                        "bytes CLOSED");
        assertThat(log.endings)
                .singleElement()
                .satisfies(how -> assertThat(how.isClean()).isTrue());
        assertThat(log.bytesOut).isEqualTo(pair.caller.stats().bytesOut()).isPositive();
        assertThat(log.bytesIn).isEqualTo(pair.caller.stats().bytesIn()).isPositive();
        pair.close();
    }

    @Test
    void withoutGraceCallsAreCutAndTheEndIsStillClean() {
        AtomicInteger cancelled = new AtomicInteger();
        TestPublisher<ByteBuf> upload = TestPublisher.create();
        Pair pair = Pair.of(request -> {
            request.body().subscribe(ByteBuf::release, error -> {});
            return Mono.<RpcReply>never().doOnCancel(cancelled::incrementAndGet);
        });
        TestSubscriber<RpcReply> caller = TestSubscriber.create();
        pair.caller.call(call("slow", Body.of(upload))).subscribe(caller);
        pair.run();
        upload.next(pair.utf8("a"));
        pair.run();
        pair.callee.closeAsync(Duration.ZERO).subscribe();
        pair.run();
        assertThat(((RpcException) caller.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(cancelled).hasValue(1);
        upload.assertCancelled(1);
        pair.close();
    }

    @Test
    void bothSidesMayCloseAtOnce() {
        Pair pair = Pair.of(WireCallTest::echo);
        pair.caller.closeAsync(Duration.ofSeconds(1)).subscribe();
        pair.callee.closeAsync(Duration.ZERO).subscribe();
        pair.pass(Duration.ofSeconds(1));
        pair.close();
    }

    @Test
    void aSideThatCloseWasAskedOfDuringTheHandshakeClosesCleanly() {
        Pair pair = Pair.unopened(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS);
        TestSubscriber<RpcReply> early = TestSubscriber.create();
        pair.caller.call(call("e", Body.of(pair.utf8("x")))).subscribe(early);
        pair.caller.closeAsync(Duration.ofSeconds(1)).subscribe();
        pair.run();
        assertThat(((RpcException) early.expectTerminalError()).is(Trait.RETRYABLE))
                .isTrue();
        pair.close();
    }

    @Test
    void callsThatAreMadeDuringTheHandshakeWaitForIt() {
        Pair pair = Pair.unopened(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS.withHandler(WireCallTest::echo));
        TestSubscriber<Void> opened = TestSubscriber.create();
        pair.caller.opened().subscribe(opened);
        assertThat(pair.caller.status()).isEqualTo(Status.BUSY);
        TestSubscriber<RpcReply> given = TestSubscriber.create();
        pair.caller.call(call("e", Body.of(pair.utf8("given up")))).subscribe(given);
        given.cancel();
        RpcReply reply = result(pair, pair.caller.call(call("e", Body.of(pair.utf8("early")))));
        assertThat(opened.isTerminatedComplete()).isTrue();
        assertThat(WireCallTest.texts(pair, reply.body())).containsExactly("early");
        pair.close();
    }

    @Test
    void abortTellsTheOtherSideAndFailsItsCalls() {
        Pair pair = Pair.of(request -> Mono.never());
        TestSubscriber<RpcReply> call = TestSubscriber.create();
        pair.caller.call(call("e", Body.of(pair.utf8("x")))).subscribe(call);
        pair.run();
        pair.callee.abort("enough");
        pair.run();
        assertThat(pair.farEndings).containsExactly(Ending.of(Kind.ABORTED, "enough"));
        assertThat(pair.endings).containsExactly(Ending.of(Kind.ABORTED_BY_PEER, "enough"));
        assertThat(((RpcException) call.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(call.expectTerminalError()).hasMessage("connection: ABORTED_BY_PEER: enough");
        assertThat(pair.callee.stats().phase()).isEqualTo(Phase.ABORTED);
        assertThat(failure(pair, pair.caller.call(call("e", Body.empty()))).is(Trait.RETRYABLE))
                .isTrue();
        pair.end();
    }

    @Test
    void aLostByteStreamFailsAllCallsAndCancelsAllHandlers() {
        AtomicInteger cancelled = new AtomicInteger();
        Pair pair = Pair.of(request -> Mono.<RpcReply>never().doOnCancel(cancelled::incrementAndGet));
        TestSubscriber<RpcReply> call = TestSubscriber.create();
        pair.caller.call(call("e", Body.of(pair.utf8("x")))).subscribe(call);
        pair.run();
        pair.left.close();
        pair.run();
        assertThat(pair.endings)
                .singleElement()
                .satisfies(how -> assertThat(how.kind()).isEqualTo(Kind.LOST));
        assertThat(pair.farEndings)
                .singleElement()
                .satisfies(how -> assertThat(how.kind()).isEqualTo(Kind.LOST));
        assertThat(cancelled).hasValue(1);
        assertThat(((RpcException) call.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        pair.end();
    }

    @Test
    void whatHasArrivedIsReadBeforeTheLossIsTold() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Pair pair = Pair.of(request -> Mono.just(RpcReply.of(Content.JSON, Body.of(source))));
        RpcReply reply = result(pair, pair.caller.call(call("e", Body.empty())));
        source.next(pair.utf8("a"));
        pair.run();
        pair.right.close();
        pair.run();
        TestSubscriber<String> consumer = TestSubscriber.create();
        reply.body().map(Pair::text).subscribe(consumer);
        assertThat(consumer.getReceivedOnNext()).containsExactly("a");
        assertThat(consumer.expectTerminalError()).hasMessageStartingWith("connection: LOST: byte stream: ended");
        pair.end();
    }

    @Test
    void aHandshakeThatDoesNotEndIsSilence() {
        RawPeer peer = RawPeer.silent(RpcSpec.DEFAULTS.withSettings(
                RpcSettings.builder().handshake(Duration.ofSeconds(1)).build()));
        peer.bytes("headgate-");
        peer.pass(900);
        assertThat(peer.endings).isEmpty();
        peer.pass(300);
        assertThat(peer.ending()).isEqualTo(Ending.of(Kind.SILENT, "handshake: not ended within PT1S"));
        peer.end();
    }

    @Test
    void aGoodbyeThatDoesNotComeIsSilence() {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS);
        peer.connection.closeAsync(Duration.ofSeconds(1)).subscribe();
        assertThat(peer.read()).containsExactly("GOAWAY 0 0 11");
        peer.pass(7000);
        assertThat(peer.ending().kind()).isEqualTo(Kind.SILENT);
        assertThat(peer.ending().detail()).isEqualTo("calls: no goodbye of the other side within PT5S");
        peer.end();
    }

    @Test
    void callsThatTheOtherSideDidNotAcceptMayBeMadeAgain() {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS);
        TestSubscriber<RpcReply> first = TestSubscriber.create();
        TestSubscriber<RpcReply> second = TestSubscriber.create();
        peer.connection.call(call("a", Body.empty())).subscribe(first);
        peer.connection.call(call("b", Body.of(peer.allocator.utf8("x")))).subscribe(second);
        peer.channel.runPendingTasks();
        peer.write(out -> Frames.goAway(out, 2, "moving"));
        assertThat(first.isTerminated()).isFalse();
        RpcException refused = (RpcException) second.expectTerminalError();
        assertThat(refused.is(Trait.RETRYABLE)).isTrue();
        assertThat(refused).hasMessage("b: connection closed: the other side takes no more calls: moving");
        peer.write(out -> Frames.error(out, 0, 2, RpcStatus.ABORTED, "no"));
        assertThat(((RpcException) first.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.ABORTED);
        assertThat(peer.read()).endsWith("GOAWAY 0 0 11", "BYE 0 0 0");
        peer.frame(FrameType.BYE, 0, 0, 0);
        peer.channel.close();
        assertThat(peer.ending().kind()).isEqualTo(Kind.CLEAN);
        peer.end();
    }

    @Test
    void streamIdsThatAreUsedUpEndTheConnectionWithoutAFault() {
        Pair pair = Pair.of(WireCallTest::echo);
        pair.caller.calls().skipTo(Integer.MAX_VALUE);
        RpcReply last = result(pair, pair.caller.call(call("e", Body.of(pair.utf8("last")))));
        assertThat(WireCallTest.texts(pair, last.body())).containsExactly("last");
        assertThat(pair.caller.status()).isEqualTo(Status.CLOSED);
        pair.close();
    }

    @Test
    void heartbeatsKeepAQuietConnectionAndMeasureIt() {
        FrameLog log = new FrameLog();
        Pair pair = Pair.of(RpcSpec.DEFAULTS.withObserver(log), RpcSpec.DEFAULTS);
        log.frames.clear();
        pair.pass(Duration.ofSeconds(60));
        assertThat(pair.endings).isEmpty();
        assertThat(log.frames).contains("> PING 0 8", "< PING 0 8").hasSizeBetween(20, 60);
        assertThat(pair.caller.stats().sinceHeard()).isLessThan(Duration.ofSeconds(6));
        pair.close();
    }

    @Test
    void aSideThatIsNotHeardOfIsDead() {
        FrameLog log = new FrameLog();
        Pair pair = Pair.of(RpcSpec.DEFAULTS.withObserver(log), RpcSpec.DEFAULTS);
        TestSubscriber<RpcReply> call = TestSubscriber.create();
        pair.caller.call(call("e", Body.empty())).subscribe(call);
        pair.cut = true;
        pair.pass(Duration.ofMillis(14_900));
        assertThat(pair.endings).isEmpty();
        pair.pass(Duration.ofMillis(400));
        assertThat(pair.endings).singleElement().satisfies(how -> {
            assertThat(how.kind()).isEqualTo(Kind.SILENT);
            assertThat(how.detail())
                    .startsWith("other side: not heard of for 15")
                    .endsWith("(expected: at most 15000)");
        });
        assertThat(log.stalls).containsExactly("0 null");
        assertThat(((RpcException) call.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        pair.end();
    }

    @Test
    void anIdleConnectionWithoutHeartbeatsHasNoTimer() {
        RpcSettings settings = RpcSettings.builder()
                .heartbeat(Duration.ZERO)
                .silence(Duration.ZERO)
                .build();
        Pair pair = Pair.of(settings, WireCallTest::echo);
        pair.pass(Duration.ofSeconds(1));
        assertThat(pair.left.runScheduledPendingTasks()).isEqualTo(-1);
        pair.close();
    }

    @Test
    void aCallThatMightMoveAndDoesNotIsCutAndOneThatWaitsForItsConsumerIsSpared() {
        FrameLog log = new FrameLog();
        RpcSettings settings =
                RpcSettings.builder().progress(Duration.ofSeconds(2)).build();
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Pair pair = Pair.of(
                RpcSpec.DEFAULTS.withSettings(settings).withObserver(log),
                RpcSpec.DEFAULTS.withHandler(request -> request.endpoint().equals("never")
                        ? Mono.never()
                        : Mono.just(RpcReply.of(Content.JSON, Body.of(source)))));
        RpcReply reply = result(pair, pair.caller.call(call("slow", Body.empty())));
        TestSubscriber<ByteBuf> consumer =
                TestSubscriber.builder().initialRequest(0).build();
        reply.body().doOnNext(ByteBuf::release).subscribe(consumer);
        TestSubscriber<RpcReply> never = TestSubscriber.create();
        pair.caller.call(call("never", Body.empty())).subscribe(never);
        pair.pass(Duration.ofSeconds(10));
        assertThat(never.expectTerminalError())
                .hasMessageStartingWith("never: no progress for 20")
                .hasMessageEndingWith(" ms (expected: at most 2000)");
        assertThat(consumer.isTerminated()).isFalse();
        consumer.request(1);
        pair.pass(Duration.ofMillis(1900));
        assertThat(consumer.isTerminated()).isFalse();
        assertThat(pair.caller.stats().sinceProgress()).isGreaterThan(Duration.ofSeconds(1));
        pair.pass(Duration.ofMillis(300));
        assertThat(((RpcException) consumer.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        source.assertCancelled(1);
        assertThat(log.stalls).containsExactly("3 never", "1 slow");
        pair.close();
    }
}
