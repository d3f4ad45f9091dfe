package io.headgate.tap.linkerd;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

/** A thread that must not block, and that Reactor and BlockHound know as such. */
final class LoopThread extends FastThreadLocalThread implements NonBlocking {

    private static final int PATIENCE_SECONDS = 5;

    private LoopThread(Runnable task) {
        super(task, "headgate-tap");
        setDaemon(true);
    }

    /** One event loop, apart from those of the data path. */
    static EventLoopGroup loop() {
        return new MultiThreadIoEventLoopGroup(1, LoopThread::new, NioIoHandler.newFactory());
    }

    /** Ends a loop with its connections; completes when it is gone. */
    static Mono<Void> end(EventLoopGroup loop) {
        return Mono.create(done ->
                loop.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).addListener(ended -> done.success()));
    }
}
