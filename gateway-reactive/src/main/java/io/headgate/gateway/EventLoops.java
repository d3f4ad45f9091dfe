package io.headgate.gateway;

import io.headgate.mux.ConnectionObserver;
import io.headgate.mux.LimitObserver;
import io.headgate.mux.internal.Loop;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.scheduler.NonBlocking;

/** The event loops of a gateway with what each of them shares. */
final class EventLoops {

    private final TransportChannels.Channels channels;
    private final IoEventLoopGroup group;
    private final List<Loop> loops;
    private final ConnectionObserver connections;
    private final AtomicInteger next = new AtomicInteger();

    EventLoops(Transport transport, int count, Duration tick, LimitObserver limits, ConnectionObserver connections) {
        this.connections = connections;
        channels = TransportChannels.of(transport);
        AtomicInteger number = new AtomicInteger();
        ThreadFactory threads =
                task -> new LoopThread(task, "headgate-" + channels.name() + "-" + number.incrementAndGet());
        group = new MultiThreadIoEventLoopGroup(count, threads, channels.loops());
        List<Loop> created = new ArrayList<>(count);
        for (EventExecutor executor : group) {
            created.add(new Loop(created.size(), (EventLoop) executor, tick, limits));
        }
        loops = List.copyOf(created);
    }

    TransportChannels.Channels channels() {
        return channels;
    }

    /** Is told of all connections on these loops. */
    ConnectionObserver connections() {
        return connections;
    }

    IoEventLoopGroup group() {
        return group;
    }

    List<Loop> loops() {
        return loops;
    }

    Loop of(EventLoop executor) {
        for (Loop loop : loops) {
            if (loop.executor() == executor) {
                return loop;
            }
        }
        throw new IllegalStateException("event loop of another gateway: " + executor);
    }

    boolean owns(Loop loop) {
        return loop.index() < loops.size() && loops.get(loop.index()) == loop;
    }

    /** Some loop, for work that does not come from one. */
    Loop any() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    Future<?> shutdown() {
        return group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    }

    /** A thread that must not block, and that Reactor and BlockHound know as such. */
    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {

        LoopThread(Runnable task, String name) {
            super(task, name);
            setDaemon(false);
        }
    }
}
