package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two connections on embedded channels in one thread, with a clock moved by hand: all that happens, happens in {@link #run}. */
final class Pair {

    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final MockTicker clock = Ticker.newMockTicker();
    final EmbeddedChannel left;
    final EmbeddedChannel right;
    final WireConnection caller;
    final WireConnection callee;
    final List<Ending> endings = new ArrayList<>();
    final List<Ending> farEndings = new ArrayList<>();
    private final @Nullable ByteBufAllocator used;
    boolean cut; // the line between them is dead, nobody is told

    private Pair(RpcSpec caller, RpcSpec callee, @Nullable ByteBufAllocator used) {
        this.used = used;
        left = channel();
        right = channel();
        this.caller = (WireConnection) HeadgateWire.DIALECT.connect(left, Side.INITIATOR, caller);
        this.callee = (WireConnection) HeadgateWire.DIALECT.connect(right, Side.ACCEPTOR, callee);
        this.caller.closed().subscribe(endings::add);
        this.callee.closed().subscribe(farEndings::add);
    }

    static Pair of(Service<RpcRequest, RpcReply> handler) {
        return of(RpcSettings.DEFAULTS, handler);
    }

    static Pair of(RpcSettings settings, Service<RpcRequest, RpcReply> handler) {
        RpcSpec spec = RpcSpec.DEFAULTS.withSettings(settings);
        return of(spec, spec.withHandler(handler));
    }

    /** As in production, for measurements; leaks are not found. */
    static Pair pooled(RpcSpec caller, RpcSpec callee) {
        Pair pair = new Pair(caller, callee, PooledByteBufAllocator.DEFAULT);
        pair.run();
        return pair;
    }

    static Pair unopened(RpcSpec caller, RpcSpec callee) {
        return new Pair(caller, callee, null);
    }

    static Pair of(RpcSpec caller, RpcSpec callee) {
        Pair pair = new Pair(caller, callee, null);
        pair.run();
        assertThat(pair.caller.isOpen()).isTrue();
        return pair;
    }

    private EmbeddedChannel channel() {
        EmbeddedChannel channel = EmbeddedChannel.builder().ticker(clock).build();
        channel.config().setAllocator(used == null ? allocator : used);
        return channel;
    }

    RpcConnection other(RpcConnection one) {
        return one == caller ? callee : caller;
    }

    /** Lets both sides do what they can, until nothing moves. */
    void run() {
        boolean moved = true;
        while (moved) {
            left.runPendingTasks();
            right.runPendingTasks();
            moved = carry(left, right) | carry(right, left);
        }
    }

    private boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
        boolean moved = false;
        for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            moved = true;
            if (to.isActive() && !cut) {
                to.pipeline().fireChannelRead(bytes);
            } else {
                bytes.release();
            }
        }
        if (moved) {
            to.pipeline().fireChannelReadComplete();
        }
        if (!from.isActive() && to.isActive() && !cut) {
            to.close();
            moved = true;
        }
        return moved;
    }

    /** Lets time pass in steps of a tick. */
    void pass(Duration time) {
        long step = TimeUnit.MILLISECONDS.toNanos(10);
        for (long left = time.toNanos(); left > 0; left -= step) {
            clock.advance(Math.min(step, left), TimeUnit.NANOSECONDS);
            this.left.runScheduledPendingTasks();
            this.right.runScheduledPendingTasks();
            run();
        }
    }

    /** Lets time pass while the line is dead, as if heartbeats came through. */
    void heartbeatsFor(Duration time) {
        for (long seconds = time.toSeconds(); seconds > 0; seconds--) {
            pass(Duration.ofSeconds(1));
            caller.liveness().heard(clock.nanoTime());
            callee.liveness().heard(clock.nanoTime());
        }
    }

    /** Carries what is there once, one way or the other. */
    void step() {
        left.runPendingTasks();
        carry(left, right);
        right.runPendingTasks();
        carry(right, left);
    }

    /** Nothing is under way, and the windows are whole. */
    void assertQuiet() {
        run();
        for (WireConnection side : List.of(caller, callee)) {
            assertThat(side.calls().all()).isEmpty();
            assertThat(side.window().held()).as(side + " " + side.stats()).isZero();
            assertThat(side.stats().heldIn()).isZero();
        }
        assertThat(caller.sends().window() + callee.window().owed())
                .isEqualTo(callee.own().connectionWindow());
        assertThat(callee.sends().window() + caller.window().owed())
                .isEqualTo(caller.own().connectionWindow());
    }

    /** Closes both sides, cleanly, and finds nothing left. */
    void close() {
        if (endings.isEmpty()) {
            assertQuiet();
            caller.closeAsync(Duration.ofSeconds(1)).subscribe();
            run();
        }
        assertThat(endings)
                .singleElement()
                .satisfies(how -> assertThat(how.isClean()).as(how.toString()).isTrue());
        assertThat(farEndings)
                .singleElement()
                .satisfies(how -> assertThat(how.isClean()).as(how.toString()).isTrue());
        end();
    }

    /** Checks for leaks after an end of any kind. */
    void end() {
        run();
        left.finishAndReleaseAll();
        right.finishAndReleaseAll();
        allocator.assertNoLeaks();
    }

    ByteBuf utf8(String text) {
        return allocator.utf8(text);
    }

    static @Nullable String text(ByteBuf buffer) {
        try {
            return buffer.toString(java.nio.charset.StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }
}
