package io.headgate.function.driver.process;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Connections of one instance on one event loop that wait for a call. For that loop alone. */
final class IdleConnections {

    private final EventLoop loop;
    private final ArrayDeque<FunctionConnection> waiting = new ArrayDeque<>(1);

    IdleConnections(EventLoop loop) {
        this.loop = loop;
    }

    EventLoop loop() {
        return loop;
    }

    @Nullable FunctionConnection take() {
        FunctionConnection latest = waiting.pollLast();
        while (latest != null && !latest.isOpen()) {
            latest = waiting.pollLast();
        }
        return latest;
    }

    void keep(FunctionConnection connection) {
        waiting.addLast(connection);
    }

    /** From any thread. */
    void close() {
        try {
            loop.execute(() -> {
                waiting.forEach(FunctionConnection::close);
                waiting.clear();
            });
        } catch (RejectedExecutionException e) {
            // the loop has ended, and its connections with it
        }
    }
}
