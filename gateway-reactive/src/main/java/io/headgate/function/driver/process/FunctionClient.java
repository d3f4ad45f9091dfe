package io.headgate.function.driver.process;

import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * Calls one instance. A connection is opened when a call needs it, for one that was opened beforehand is closed by Node.js after 90
 * seconds, and kept for the next call of the same event loop. Never more calls have a connection than are under way.
 */
class FunctionClient {

    private static final IdleConnections[] NONE = {};

    private static final AtomicReferenceFieldUpdater<FunctionClient, IdleConnections[]> IDLE =
            AtomicReferenceFieldUpdater.newUpdater(FunctionClient.class, IdleConnections[].class, "idle");

    private final Path listener;
    private final SocketLoops loops;
    private final Caps caps;
    private volatile IdleConnections[] idle = NONE; // never changed, but replaced
    private volatile boolean closed;

    FunctionClient(Path listener, SocketLoops loops, Caps caps) {
        this.listener = listener;
        this.loops = loops;
        this.caps = caps;
    }

    Path listener() {
        return listener;
    }

    Caps caps() {
        return caps;
    }

    boolean isClosed() {
        return closed;
    }

    Mono<InstanceReply> call(InstanceRequest request) {
        return new CallMono(this, request);
    }

    /** The event loop to make a call on: the one that calls, if it is one. */
    EventLoop loop() {
        EventLoop current = SocketLoops.current();
        return current == null ? loops.next() : current;
    }

    /** Connects, on that loop. */
    Future<FunctionConnection> open(EventLoop on) {
        return FunctionConnection.open(this, on);
    }

    /** On the loop: a connection that has served before, or null. */
    @Nullable FunctionConnection take(EventLoop loop) {
        return of(loop).take();
    }

    /** On the loop of the connection: keeps it for the next call. */
    void keep(FunctionConnection connection, EventLoop loop) {
        if (closed) {
            connection.close();
        } else {
            of(loop).keep(connection);
        }
    }

    private IdleConnections of(EventLoop loop) {
        while (true) {
            IdleConnections[] known = idle;
            for (IdleConnections one : known) {
                if (one.loop() == loop) {
                    return one;
                }
            }
            IdleConnections[] more = Arrays.copyOf(known, known.length + 1);
            more[known.length] = new IdleConnections(loop);
            IDLE.compareAndSet(this, known, more);
        }
    }

    /** The process is gone. What is under way ends by itself, as its connection does. */
    void close() {
        closed = true;
        for (IdleConnections one : idle) {
            one.close();
        }
    }

    private static final class CallMono extends Mono<InstanceReply> {

        private final FunctionClient client;
        private final InstanceRequest request;

        CallMono(FunctionClient client, InstanceRequest request) {
            this.client = client;
            this.request = request;
        }

        @Override
        public void subscribe(CoreSubscriber<? super InstanceReply> actual) {
            actual.onSubscribe(new FunctionCall(client, request, actual));
        }
    }
}
