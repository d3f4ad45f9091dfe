package io.headgate.rpc.wire;

import static io.headgate.rpc.wire.WireCallTest.call;
import static io.headgate.rpc.wire.WireCallTest.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.AllocationAssert;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.subscriber.TestSubscriber;

class WireCostTest {

    private static final int KIB = 1024;

    /** Either side gathers what it sends, and keeps what it reads. */
    private static final int COPIES_PER_CALL = 4;

    @Test
    void aSmallCallAllocatesLessThanTwoKibibytesOnBothSidesTogether() {
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(
                ResourceLeakDetector.Level.DISABLED); // it remembers stack traces, which cost more
        try {
            Pair pair = Pair.pooled(
                    RpcSpec.DEFAULTS,
                    RpcSpec.DEFAULTS.withHandler(request -> Mono.just(RpcReply.of(Content.JSON, request.body()))));
            double bytes = AllocationAssert.bytesPerCall(() -> {
                ByteBuf payload =
                        PooledByteBufAllocator.DEFAULT.directBuffer(100).writeZero(100);
                pair.caller
                        .call(call("echo", Body.of(payload)))
                        .subscribe(reply -> reply.body().subscribe(ByteBuf::release));
                pair.run();
            });
            assertThat(bytes - COPIES_PER_CALL * bytesOfACopy()).isBetween(1.0, 2048.0);
            pair.close();
        } finally {
            ResourceLeakDetector.setLevel(before);
        }
    }

    /**
     * Nothing, but where Netty does without {@code sun.misc.Unsafe}, as it does by itself from JDK 24 on: there it makes NIO buffers to
     * copy from one buffer to another.
     */
    private static double bytesOfACopy() {
        return AllocationAssert.bytesPerCall(() -> makeTwoBuffers(true))
                - AllocationAssert.bytesPerCall(() -> makeTwoBuffers(false));
    }

    private static void makeTwoBuffers(boolean copies) {
        ByteBuf from = PooledByteBufAllocator.DEFAULT.directBuffer(100).writeZero(100);
        ByteBuf to = PooledByteBufAllocator.DEFAULT.directBuffer(100);
        if (copies) {
            to.writeBytes(from);
        }
        from.release();
        to.release();
    }

    @Test
    void aConsumerThatStallsHoldsNoMoreThanItsWindowAndNobodyElseUp() {
        RpcSettings settings = RpcSettings.builder()
                .maxFrame(4 * KIB)
                .streamWindow(16 * KIB)
                .connectionWindow(64 * KIB)
                .build();
        List<Integer> made = new ArrayList<>();
        Pair pair = Pair.of(
                settings,
                request -> request.endpoint().equals("small")
                        ? WireCallTest.echo(request)
                        : Mono.just(RpcReply.of(
                                Content.OCTETS,
                                Body.of(Flux.range(0, 1000)
                                        .doOnNext(made::add)
                                        .map(i -> Unbuffered.utf8("x".repeat(4 * KIB)))))));
        RpcReply unread =
                result(pair, pair.caller.call(RpcRequest.of("big", Content.NONE, Content.OCTETS, Body.empty())));
        assertThat(pair.caller.stats().heldIn()).isEqualTo(4 * KIB);
        TestSubscriber<ByteBuf> consumer =
                TestSubscriber.builder().initialRequest(3).build();
        unread.body().doOnNext(ByteBuf::release).subscribe(consumer);
        pair.run();
        assertThat(made).hasSize(3);
        assertThat(pair.caller.stats().heldIn()).isZero();
        RpcReply small = result(pair, pair.caller.call(call("small", Body.of(pair.utf8("x")))));
        assertThat(WireCallTest.texts(pair, small.body())).containsExactly("x");
        consumer.cancel();
        pair.close();
    }

    @Test
    void aBigStreamDoesNotHoldUpSmallCalls() {
        FrameLog log = new FrameLog();
        RpcSettings settings = RpcSettings.builder().maxFrame(16 * KIB).build();
        RpcSpec spec = RpcSpec.DEFAULTS.withSettings(settings);
        Pair pair = Pair.of(
                spec.withObserver(log),
                spec.withHandler(request -> request.endpoint().equals("small")
                        ? WireCallTest.echo(request)
                        : Mono.just(RpcReply.of(
                                Content.OCTETS,
                                Body.of(Flux.range(0, 100).map(i -> Unbuffered.utf8("x".repeat(16 * KIB))))))));
        RpcReply big = result(pair, pair.caller.call(RpcRequest.of("big", Content.NONE, Content.OCTETS, Body.empty())));
        log.frames.clear();
        TestSubscriber<ByteBuf> consumer = TestSubscriber.create();
        big.body().doOnNext(ByteBuf::release).subscribe(consumer);
        TestSubscriber<String> small = TestSubscriber.create();
        pair.caller
                .call(call("small", Body.of(pair.utf8("s"))))
                .flatMap(reply -> reply.body().asString(10))
                .subscribe(small);
        pair.run();
        assertThat(consumer.isTerminatedComplete()).isTrue();
        assertThat(small.getReceivedOnNext()).containsExactly("s");
        int answered = log.frames.indexOf("< DATA 3 1");
        assertThat(log.frames.subList(0, answered).stream().filter(frame -> frame.startsWith("< DATA 1")))
                .hasSizeLessThan(20);
        pair.close();
    }

    @Test
    void whoAsksAndDoesNotReadIsNotReadFrom() {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS);
        for (int i = 0; i < 200 && peer.channel.config().isAutoRead(); i++) {
            peer.floodUnread();
        }
        assertThat(peer.channel.config().isAutoRead()).isFalse();
        peer.readAgain();
        assertThat(peer.channel.config().isAutoRead()).isTrue();
        peer.channel.close();
        peer.end();
    }
}
