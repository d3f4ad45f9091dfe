package io.headgate.discovery.linkerd;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** A gRPC server that can be stopped and started again at the same address, and a channel to it. */
final class Served implements AutoCloseable {

    private final Supplier<Server> servers;
    private final Runnable cleanUp;
    private final ManagedChannel channel;
    private Server server;

    private Served(Supplier<Server> servers, Server first, ManagedChannel channel, Runnable cleanUp) {
        this.servers = servers;
        this.server = first;
        this.channel = channel;
        this.cleanUp = cleanUp;
    }

    static Served inProcess(BindableService service) {
        String name = InProcessServerBuilder.generateName();
        Supplier<Server> servers = () -> started(InProcessServerBuilder.forName(name)
                .directExecutor()
                .addService(service)
                .build());
        ManagedChannel channel =
                InProcessChannelBuilder.forName(name).directExecutor().build();
        return new Served(servers, servers.get(), channel, channel::shutdownNow);
    }

    static Served onLoopback(BindableService service) {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        int[] port = {0};
        Supplier<Server> servers =
                () -> started(NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port[0]))
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .channelType(NioServerSocketChannel.class)
                        .directExecutor()
                        .addService(service)
                        .build());
        Server first = servers.get();
        port[0] = first.getPort();
        OwnChannel own = new OwnChannel("127.0.0.1", port[0]);
        return new Served(servers, first, own.channel(), () -> {
            own.closeAsync().block();
            loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        });
    }

    private static Server started(Server server) {
        try {
            return server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ManagedChannel channel() {
        return channel;
    }

    int port() {
        return server.getPort();
    }

    void stop() {
        server.shutdownNow();
        try {
            if (!server.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("server: running (expected: stopped)");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The port may be in use for a moment: by a dial to it from itself, or by anybody else on this machine. */
    void start() {
        server = Awaitility.await()
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(servers::get, started -> true);
    }

    @Override
    public void close() {
        stop();
        cleanUp.run();
    }
}
