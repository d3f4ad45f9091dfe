package io.headgate.function.driver.process;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.ThreadExecutorMap;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

/**
 * Where connections live: on the event loop that calls, of whatever transport it is, or else on one of the driver's. A native transport
 * is touched only in a class of its own, so that it may be absent; the JDK's sockets always serve.
 */
final class SocketLoops {

    /** How one transport opens a unix socket. */
    record Transport(Supplier<Channel> channels, Function<Path, SocketAddress> addresses) {}

    private static final boolean EPOLL = isPresent("io.netty.channel.epoll.EpollIoHandler");
    private static final boolean IO_URING = isPresent("io.netty.channel.uring.IoUringIoHandler");

    private static final Transport NIO = new Transport(NioDomainSocketChannel::new, UnixDomainSocketAddress::of);

    private final @Nullable EventLoopGroup given;
    private @Nullable EventLoopGroup own;

    SocketLoops(@Nullable EventLoopGroup given) {
        this.given = given;
    }

    /** The event loop whose thread this is, if it can serve. */
    static @Nullable EventLoop current() {
        return ThreadExecutorMap.currentExecutor() instanceof IoEventLoop loop && transport(loop) != null ? loop : null;
    }

    /** How to connect on an event loop; null for one that has no sockets, as those of tests. */
    static @Nullable Transport transport(EventExecutor executor) {
        if (!(executor instanceof IoEventLoop loop)) {
            return null;
        }
        if (loop.isIoType(NioIoHandler.class)) {
            return NIO;
        }
        if (EPOLL && loop.isIoType(EpollHolder.HANDLER)) {
            return EpollHolder.TRANSPORT;
        }
        return IO_URING && loop.isIoType(IoUringHolder.HANDLER) ? IoUringHolder.TRANSPORT : null;
    }

    /** Some event loop, for a call that comes from none. */
    EventLoop next() {
        return given != null ? given.next() : own().next();
    }

    private synchronized EventLoopGroup own() {
        EventLoopGroup group = own;
        if (group == null) {
            boolean epoll = EPOLL && EpollHolder.isAvailable();
            IoHandlerFactory handlers = epoll ? EpollHolder.handlers() : NioIoHandler.newFactory();
            group = new MultiThreadIoEventLoopGroup(1, LoopThread::new, handlers);
            own = group;
        }
        return group;
    }

    synchronized Mono<Void> close() {
        EventLoopGroup group = own;
        if (group == null) {
            return Mono.empty();
        }
        return Mono.create(
                sink -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).addListener(done -> sink.success()));
    }

    private static boolean isPresent(String className) {
        try {
            Class.forName(className, false, SocketLoops.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static final class EpollHolder {

        static final Class<EpollIoHandler> HANDLER = EpollIoHandler.class;
        static final Transport TRANSPORT =
                new Transport(EpollDomainSocketChannel::new, path -> new DomainSocketAddress(path.toFile()));

        static boolean isAvailable() {
            return Epoll.isAvailable();
        }

        static IoHandlerFactory handlers() {
            return EpollIoHandler.newFactory();
        }
    }

    private static final class IoUringHolder {

        static final Class<IoUringIoHandler> HANDLER = IoUringIoHandler.class;
        static final Transport TRANSPORT =
                new Transport(IoUringDomainSocketChannel::new, path -> new DomainSocketAddress(path.toFile()));
    }

    /** A thread that must not block, and that Reactor and BlockHound know as such. */
    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {

        LoopThread(Runnable task) {
            super(task, "headgate-fn-loop");
            setDaemon(true);
        }
    }
}
