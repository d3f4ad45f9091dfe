package io.headgate.rpc.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.SocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Netty's channels within this process, over which clients introduce themselves. The event loops of sockets do not take them, so
 * that a server has two of its own, and each channel of a client one until the connection has been handed over. A connection that
 * speaks bytes is on the server's.
 */
final class LocalChannels {

    private static final int SERVER_LOOPS = 2;

    /** Who looks at a connection that has just ended still finds its event loop. */
    private static final int QUIET_MILLIS = 100;

    private static final int MOST_MILLIS = 5000;

    private LocalChannels() {}

    static Mono<Channel> listen(RpcServerSpec spec, Guests guests) {
        return Mono.create(sink -> {
            EventLoopGroup group = loops(SERVER_LOOPS, spec.address());
            ChannelFuture bound = new ServerBootstrap()
                    .group(group)
                    .channel(LocalServerChannel.class)
                    .childHandler(initializer(guests::arrived))
                    .bind(new LocalAddress(spec.address().host()));
            bound.channel().closeFuture().addListener(closed -> guests.whenGone(() -> end(group)));
            sink.onCancel(() -> bound.channel().close());
            emit(bound, sink, failure -> Bound.notBound(spec.address(), failure));
        });
    }

    /**
     * Connects. Whoever is told of the channel in {@code init} closes it, not who cancels: calls may be made before the
     * subscriber is told, and an end of waiting that comes between the two would take the channel from them.
     */
    static Mono<Channel> connect(RpcClientSpec spec, Consumer<Channel> init) {
        return Mono.create(sink -> {
            EventLoopGroup group = loops(1, spec.address());
            ChannelFuture connected = new Bootstrap()
                    .group(group)
                    .channel(LocalChannel.class)
                    .handler(initializer(channel -> {
                        channel.pipeline().addFirst(new CloseWhenConnected());
                        init.accept(channel);
                    }))
                    .connect(new LocalAddress(spec.address().host()));
            connected.channel().closeFuture().addListener(closed -> end(group));
            emit(connected, sink, failure -> failure);
        });
    }

    private static EventLoopGroup loops(int count, RpcAddress address) {
        ThreadFactory threads = task -> new LocalThread(task, "headgate-rpc-" + address);
        return new MultiThreadIoEventLoopGroup(count, threads, LocalIoHandler.newFactory());
    }

    private static void end(EventLoopGroup group) {
        group.shutdownGracefully(QUIET_MILLIS, MOST_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ChannelInitializer<Channel> initializer(Consumer<Channel> init) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                init.accept(channel);
            }
        };
    }

    private static void emit(ChannelFuture opening, MonoSink<Channel> sink, UnaryOperator<Throwable> failed) {
        opening.addListener(done -> {
            Throwable cause = done.cause();
            if (cause == null) {
                sink.success(opening.channel());
            } else {
                sink.error(failed.apply(cause));
            }
        });
    }

    /** One that closes while it connects would leave an accepted channel behind that never hears of it. */
    private static final class CloseWhenConnected extends ChannelOutboundHandlerAdapter {

        private @Nullable ChannelPromise connecting;

        @Override
        public void connect(
                ChannelHandlerContext ctx,
                SocketAddress remote,
                @Nullable SocketAddress local,
                ChannelPromise promise) {
            connecting = promise;
            ctx.connect(remote, local, promise);
        }

        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
            ChannelPromise begun = connecting;
            if (begun == null || begun.isDone()) {
                ctx.close(promise);
            } else {
                ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
                begun.addListener(done -> ctx.close());
                ctx.executor().schedule(() -> ctx.close(), MOST_MILLIS, TimeUnit.MILLISECONDS); // nobody accepts
            }
        }
    }

    /** A thread that may park, because that is how the handler of local channels waits, and is said to block for it. */
    private static final class LocalThread extends FastThreadLocalThread {

        LocalThread(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }

        @Override
        public boolean permitBlockingCalls() {
            return true;
        }
    }
}
