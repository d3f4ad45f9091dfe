package io.headgate.discovery.linkerd;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

/** A cleartext connection to a control plane with an event loop of its own, on which everything it says is taken in. */
final class OwnChannel {

    /** Short, so that one dial that is lost on its way does not hold up the next ones. */
    private static final int CONNECT_TIMEOUT_MILLIS = 1000;

    /** The most that gRPC servers put up with unless told otherwise. */
    private static final long KEEP_ALIVE_MINUTES = 5;

    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, LoopThread::new, NioIoHandler.newFactory());
    private final ManagedChannel channel;

    OwnChannel(String host, int port) {
        channel = NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(KEEP_ALIVE_MINUTES, TimeUnit.MINUTES)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .directExecutor()
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    Mono<Void> closeAsync() {
        return Mono.create(sink -> {
            channel.shutdownNow();
            loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).addListener(done -> sink.success());
        });
    }

    /** A thread that must not block, and that Reactor and BlockHound know as such. */
    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {

        LoopThread(Runnable task) {
            super(task, "headgate-linkerd");
            setDaemon(true);
        }
    }
}
