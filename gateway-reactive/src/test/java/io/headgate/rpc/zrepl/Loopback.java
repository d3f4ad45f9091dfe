package io.headgate.rpc.zrepl;

import io.headgate.rpc.Arrivals;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.LoopEnd;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Connections of ours on real sockets, with each other or with a scripted original; every buffer is counted. */
final class Loopback implements AutoCloseable {

    static final Duration SOON = Duration.ofSeconds(10);

    final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();
    private final MultiThreadIoEventLoopGroup near = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final MultiThreadIoEventLoopGroup far = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ChannelGroup channels = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
    private final Arrivals<RpcConnection> accepted = new Arrivals<>();

    /** Both sides are ours. */
    record Pair(RpcConnection initiator, RpcConnection acceptor) {

        Ending endOfInitiator() {
            return end(initiator);
        }

        Ending endOfAcceptor() {
            return end(acceptor);
        }
    }

    static Ending end(RpcConnection connection) {
        Ending ending = connection.closed().block(SOON);
        if (ending == null) {
            throw new AssertionError("no ending");
        }
        return ending;
    }

    Pair pair(RpcSpec initiator, RpcSpec acceptor) {
        InetSocketAddress address = listen(acceptor);
        RpcConnection caller = connect(address, initiator);
        return new Pair(caller, accepted.take());
    }

    /** The initiator is the original. */
    Original originalClient(RpcSpec acceptor) throws IOException {
        InetSocketAddress address = listen(acceptor);
        return new Original(new Socket(address.getAddress(), address.getPort()), accepted.take());
    }

    /** The acceptor is the original. */
    Original originalServer(RpcSpec initiator) throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RpcConnection caller = connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort()), initiator);
            return new Original(listening.accept(), caller);
        }
    }

    private InetSocketAddress listen(RpcSpec spec) {
        Channel channel = new ServerBootstrap()
                .group(far)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, alloc)
                .childHandler(initializer(child -> accepted.add(ZreplWire.DIALECT.connect(child, Side.ACCEPTOR, spec))))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        return (InetSocketAddress) channel.localAddress();
    }

    private RpcConnection connect(InetSocketAddress address, RpcSpec spec) {
        Arrivals<RpcConnection> made = new Arrivals<>();
        new Bootstrap()
                .group(near)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, alloc)
                .handler(initializer(channel -> made.add(ZreplWire.DIALECT.connect(channel, Side.INITIATOR, spec))))
                .connect(address);
        return made.take();
    }

    private ChannelHandler initializer(Consumer<Channel> todo) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channels.add(channel);
                todo.accept(channel);
            }
        };
    }

    void endThreadOfInitiator() {
        LoopEnd.amidWork(near);
    }

    void endThreadOfAcceptor() {
        LoopEnd.amidWork(far);
    }

    /** Closes what is open, ends the threads, which have done everything then, and looks for buffers that are still there. */
    @Override
    public void close() {
        channels.close().awaitUninterruptibly();
        near.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        far.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        alloc.assertNoLeaks();
    }

    static UncheckedIOException unchecked(IOException e) {
        return new UncheckedIOException(e);
    }
}
