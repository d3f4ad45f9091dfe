package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.AllocationAssert;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** On channels in memory: a pipe, which has no half close, and two ends whose bytes are carried over by hand. */
class ZreplLocalTest {

    private static final RpcSpec ECHO =
            RpcSpec.DEFAULTS.withHandler(request -> Mono.just(RpcReply.of(request.content(), request.body())));

    private final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();

    /** With one event loop for both, one end has read what the other writes before the write returns. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void d11AStreamThatEndsWithAnEmptyFrameEndsAndTheCloseIsClean(int threads) {
        DefaultEventLoopGroup loops = new DefaultEventLoopGroup(threads);
        CompletableFuture<RpcConnection> accepted = new CompletableFuture<>();
        CompletableFuture<RpcConnection> connected = new CompletableFuture<>();
        LocalAddress address = new LocalAddress(getClass());
        new ServerBootstrap()
                .group(loops)
                .channel(LocalServerChannel.class)
                .childOption(ChannelOption.ALLOCATOR, alloc)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.complete(ZreplWire.DIALECT.connect(channel, Side.ACCEPTOR, ECHO));
                    }
                })
                .bind(address)
                .syncUninterruptibly();
        new Bootstrap()
                .group(loops)
                .channel(LocalChannel.class)
                .option(ChannelOption.ALLOCATOR, alloc)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connected.complete(ZreplWire.DIALECT.connect(channel, Side.INITIATOR, RpcSpec.DEFAULTS));
                    }
                })
                .connect(address)
                .syncUninterruptibly();
        RpcConnection caller = connected.join();
        for (int i = 0; i < 3; i++) {
            Flux<ByteBuf> source =
                    Flux.range(0, 4).map(part -> alloc.heapBuffer(1 << 20).writeZero(1 << 20));
            Integer length = caller.call(RpcRequest.of("echo", Content.OCTETS, Content.OCTETS, Body.of(source)))
                    .flatMapMany(RpcReply::body)
                    .map(part -> {
                        int bytes = part.readableBytes();
                        part.release();
                        return bytes;
                    })
                    .reduce(0, Integer::sum)
                    .block(Loopback.SOON);
            assertThat(length).isEqualTo(4 << 20);
        }
        caller.closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(Loopback.end(caller).kind()).isEqualTo(Ending.Kind.CLEAN);
        assertThat(Loopback.end(accepted.join()).kind()).isEqualTo(Ending.Kind.CLEAN);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        alloc.assertNoLeaks();
    }

    /** Two ends on one thread, and what they ask of their allocator. */
    private static final class Ends {

        private final EmbeddedChannel near = new EmbeddedChannel();
        private final EmbeddedChannel far = new EmbeddedChannel();
        private final RpcConnection caller;
        private final RpcConnection server;

        Ends(ByteBufAllocator alloc, RpcSettings settings) {
            caller = open(near, Side.INITIATOR, alloc, RpcSpec.DEFAULTS.withSettings(settings));
            server = open(far, Side.ACCEPTOR, alloc, ECHO.withSettings(settings));
        }

        private static RpcConnection open(EmbeddedChannel channel, Side side, ByteBufAllocator alloc, RpcSpec spec) {
            channel.freezeTime();
            channel.config().setAllocator(alloc);
            return ZreplWire.DIALECT.connect(channel, side, spec);
        }

        /** Until neither end has anything to say or to do. */
        void carry() {
            boolean moved = true;
            while (moved) {
                near.runPendingTasks();
                moved = carry(near, far);
                far.runPendingTasks();
                moved |= carry(far, near);
            }
        }

        private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
            boolean moved = false;
            for (Object bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
                to.writeInbound(bytes);
                moved = true;
            }
            return moved;
        }

        void close() {
            near.finishAndReleaseAll();
            far.finishAndReleaseAll();
        }
    }

    @Test
    void d8FiveGibibytesGoThereAndBackAndAreCounted() {
        long all = 5L << 30;
        Ends ends = new Ends(alloc, RpcSettings.builder().maxFrame(4 << 20).build());
        ByteBuf part = alloc.heapBuffer(4 << 20).writeZero(4 << 20);
        Flux<ByteBuf> source = Flux.range(0, 1280).map(i -> part.retainedSlice());
        AtomicReference<@Nullable Long> back = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
        ends.caller
                .call(RpcRequest.of("echo", Content.OCTETS, Content.OCTETS, Body.of(source, all, Mono.empty())))
                .flatMapMany(RpcReply::body)
                .map(bytes -> {
                    long length = bytes.readableBytes();
                    bytes.release();
                    return length;
                })
                .reduce(0L, Long::sum)
                .subscribe(back::set, error::set);
        ends.carry();
        part.release();
        assertThat(error.get()).isNull();
        assertThat(back.get()).isEqualTo(all);
        for (RpcConnection connection : List.of(ends.caller, ends.server)) {
            assertThat(connection.stats().bytesIn()).isGreaterThan(all);
            assertThat(connection.stats().bytesOut()).isGreaterThan(all);
        }
        ends.close();
        alloc.assertNoLeaks();
    }

    /** Buffers that are used again, and how many bytes were asked for. */
    private static final class Counting extends PooledByteBufAllocator {

        private long asked;

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            asked += initialCapacity;
            return super.newHeapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            asked += initialCapacity;
            return super.newDirectBuffer(initialCapacity, maxCapacity);
        }
    }

    @Test
    void d9ACallAllocatesLessThanTwoKibibytesOnBothSidesTogether() {
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // its stack traces would cost more
        try {
            Counting buffers = new Counting();
            Ends ends = new Ends(buffers, RpcSettings.DEFAULTS);
            long[] answers = new long[2]; // how many, and the calls
            Runnable call = () -> {
                answers[1]++;
                ByteBuf text = buffers.heapBuffer(100).writeZero(100);
                ends.caller
                        .call(RpcRequest.of("echo", Content.JSON, Content.JSON, Body.of(text)))
                        .subscribe(reply -> reply.body().subscribe(part -> {
                            part.release();
                            answers[0]++;
                        }));
                ends.carry();
            };
            call.run();
            assertThat(buffers.asked).isBetween(1L, 2048L);
            // The original allocated 16.8 MB on one side.
            assertThat(AllocationAssert.bytesPerCall(call)).isBetween(1.0, 2048.0);
            assertThat(answers[0]).isEqualTo(answers[1]);
            ends.close();
        } finally {
            ResourceLeakDetector.setLevel(before);
        }
    }
}
