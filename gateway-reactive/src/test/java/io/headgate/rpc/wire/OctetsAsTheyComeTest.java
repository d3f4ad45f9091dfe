package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/** A frame of octets need not have come whole for whoever has asked for all there is. */
class OctetsAsTheyComeTest {

    private final Consumer consumer = new Consumer();
    private final FrameLog log = new FrameLog();
    private RawPeer peer = greeted(RpcSpec.DEFAULTS);

    private RawPeer greeted(RpcSpec spec) {
        return RawPeer.greeted(spec.withHandler(request -> {
            request.body().subscribe(consumer);
            return Mono.<RpcReply>never();
        }));
    }

    @AfterEach
    void nothingIsLeft() {
        peer.end();
    }

    private void call(Content content, long demand) {
        peer.write(out -> RawPeer.call(out, 0, 1, "put", content));
        consumer.request(demand);
        peer.read();
    }

    private void begin(int flags, int length, int now) {
        peer.write(out -> {
            Frames.header(out, length, FrameType.DATA, flags, 1);
            out.writeZero(now);
        });
    }

    private void bytes(int length) {
        peer.write(out -> out.writeZero(length));
    }

    @Test
    void whoWantsAllGetsEachPieceAtOnce() {
        call(Content.OCTETS, Long.MAX_VALUE);
        begin(FrameType.END, 100_000, 30_000);
        assertThat(consumer.seen).containsExactly("30000");
        bytes(60_000);
        assertThat(consumer.seen).containsExactly("30000", "60000");
        bytes(10_000);
        assertThat(consumer.seen).containsExactly("30000", "60000", "10000", "end");
    }

    @Test
    void tinyPiecesComeTogether() {
        call(Content.OCTETS, Long.MAX_VALUE);
        begin(0, 9000, 1);
        for (int i = 0; i < 8998; i++) {
            bytes(1);
        }
        assertThat(consumer.seen).containsExactly("4096", "4096");
        bytes(1);
        assertThat(consumer.seen).containsExactly("4096", "4096", "808");
    }

    @Test
    void whoCountsGetsWholeFramesOnly() {
        call(Content.OCTETS, 2);
        begin(0, 100_000, 90_000);
        assertThat(consumer.seen).isEmpty();
        bytes(10_000);
        assertThat(consumer.seen).containsExactly("100000");
    }

    @Test
    void whatHasAnEndOfItsOwnComesWhole() {
        call(Content.JSON, Long.MAX_VALUE);
        begin(0, 100_000, 90_000);
        assertThat(consumer.seen).isEmpty();
        bytes(10_000);
        assertThat(consumer.seen).containsExactly("100000");
    }

    @Test
    void theRestOfAFrameThatNobodyWantsAnyMoreIsReadPastAndGivenBack() {
        call(Content.OCTETS, Long.MAX_VALUE);
        int frame = 1 << 20;
        begin(0, frame, frame / 2);
        consumer.cancel();
        assertThat(peer.read()).containsExactly("CANCEL 0 1 0");
        bytes(frame / 2);
        assertThat(consumer.seen).containsExactly("" + frame / 2);
        assertThat(peer.connection.window().owed()).isEqualTo(frame);
        assertThat(peer.connection.stats().heldIn()).isZero();
        peer.write(out -> Frames.ping(out, 0, 1));
        assertThat(peer.read()).containsExactly("PING 1 0 8");
    }

    @Test
    void whatIsTakenInPiecesGivesItsCreditBack() {
        call(Content.OCTETS, Long.MAX_VALUE);
        int frame = 1 << 20;
        begin(0, frame, frame - 1);
        assertThat(peer.read()).isEmpty();
        bytes(1);
        assertThat(peer.read()).containsExactly("CREDIT 0 1 0 " + frame);
    }

    @Test
    void aPieceBeyondTheCreditBreaksTheProtocol() {
        call(Content.OCTETS, Long.MAX_VALUE);
        int frame = 1 << 20;
        peer.write(
                out -> { // in one read, so that nothing is given back meanwhile
                    for (int i = 0; i < 2; i++) {
                        Frames.header(out, frame, FrameType.DATA, 0, 1);
                        out.writeZero(frame);
                    }
                    Frames.header(out, frame, FrameType.DATA, 0, 1);
                    out.writeZero(5000);
                });
        String told = "DATA of stream 1: 5000 bytes (expected: no more than there was credit for)";
        assertThat(peer.ending()).isEqualTo(Ending.of(Ending.Kind.VIOLATED, told));
        assertThat(consumer.seen).hasSize(3).startsWith("" + frame, "" + frame);
    }

    @Test
    void theConsumerHearsOfAnEndAmidAFrame() {
        call(Content.OCTETS, Long.MAX_VALUE);
        begin(FrameType.END, 100_000, 30_000);
        peer.channel.close();
        assertThat(peer.ending().kind()).isEqualTo(Ending.Kind.LOST);
        assertThat(peer.ending().detail()).contains("in the middle of a frame: DATA, 70000 bytes missing");
        assertThat(consumer.seen).hasSize(2).first().isEqualTo("30000");
        assertThat(consumer.seen.get(1)).startsWith(RpcStatus.UNAVAILABLE.name());
    }

    @Test
    void anObserverSeesOneFrame() {
        peer.end();
        peer = greeted(RpcSpec.DEFAULTS.withObserver(log));
        call(Content.OCTETS, Long.MAX_VALUE);
        begin(0, 100_000, 30_000);
        bytes(70_000);
        assertThat(consumer.seen).containsExactly("30000", "70000");
        assertThat(log.frames).filteredOn(frame -> frame.startsWith("< DATA")).containsExactly("< DATA 1 100000");
    }

    private static final class Consumer extends BaseSubscriber<ByteBuf> {

        final List<String> seen = new ArrayList<>();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks later
        }

        @Override
        protected void hookOnNext(ByteBuf value) {
            seen.add(String.valueOf(value.readableBytes()));
            value.release();
        }

        @Override
        protected void hookOnError(Throwable error) {
            seen.add(((RpcException) error).rpcStatus() + " " + error.getMessage());
        }

        @Override
        protected void hookFinally(SignalType type) {
            if (type == SignalType.ON_COMPLETE) {
                seen.add("end");
            }
        }
    }
}
