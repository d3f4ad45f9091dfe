package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.Steps;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Makes connections over Netty's local channels by hand, as users may, with one event loop for everything. */
final class SharedLoop implements AutoCloseable {

    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, SharedLoop::thread, LocalIoHandler.newFactory());
    private final Dialect dialect;
    private final ByteBufAllocator allocator;

    SharedLoop(Dialect dialect, ByteBufAllocator allocator) {
        this.dialect = dialect;
        this.allocator = allocator;
    }

    /** Parks where there is nothing to do, which is how the handler of local channels waits, and is said to block for it. */
    private static Thread thread(Runnable task) {
        return new FastThreadLocalThread(task, "shared-loop") {
            @Override
            public boolean permitBlockingCalls() {
                return true;
            }
        };
    }

    Both connect(RpcSpec client, RpcSpec server) {
        CompletableFuture<RpcConnection> accepted = new CompletableFuture<>();
        CompletableFuture<RpcConnection> connected = new CompletableFuture<>();
        Channel listening = new ServerBootstrap()
                .group(group)
                .channel(LocalServerChannel.class)
                .childHandler(initializer(
                        channel -> accepted.complete(dialect.connect(channel, Dialect.Side.ACCEPTOR, server))))
                .bind(LocalAddress.ANY)
                .syncUninterruptibly()
                .channel();
        Channel near = new Bootstrap()
                .group(group)
                .channel(LocalChannel.class)
                .handler(initializer(
                        channel -> connected.complete(dialect.connect(channel, Dialect.Side.INITIATOR, client))))
                .connect(listening.localAddress())
                .syncUninterruptibly()
                .channel();
        RpcConnection initiator = connected.join();
        initiator.opened().block(Steps.LONG);
        listening.close();
        return new Both(initiator, accepted.join(), near::close);
    }

    private ChannelInitializer<Channel> initializer(Consumer<Channel> made) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setAllocator(allocator);
                made.accept(channel);
            }
        };
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
