package io.headgate.function.driver.process;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The body of a reply that did not come at once. What nobody asks for brings the connection to rest. */
final class ReplyBody extends Body implements Subscription {

    private static final int MOST_WAITING = 64 * 1024;

    private static final int UNTOUCHED = 0;
    private static final int TAKEN = 1;
    private static final int DROPPED = 2;

    private static final AtomicIntegerFieldUpdater<ReplyBody> USE =
            AtomicIntegerFieldUpdater.newUpdater(ReplyBody.class, "use");
    private static final AtomicLongFieldUpdater<ReplyBody> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(ReplyBody.class, "requested");

    private final EventLoop loop;
    private final long length;
    private volatile int use;
    private volatile long requested;
    private volatile @Nullable CoreSubscriber<? super ByteBuf> actual;

    // From here on for the event loop alone.
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(4);
    private @Nullable FunctionConnection connection; // null when it serves another call already
    private int waitingBytes;
    private boolean paused;
    private boolean ended;
    private boolean told;
    private boolean draining;
    private @Nullable Throwable failure;

    ReplyBody(FunctionConnection connection, EventLoop loop, long length) {
        this.connection = connection;
        this.loop = loop;
        this.length = length;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    // ---- the connection's side

    /** Takes ownership. */
    void data(ByteBuf chunk) {
        if (use == DROPPED) {
            chunk.release();
            return;
        }
        waiting.add(chunk);
        waitingBytes += chunk.readableBytes();
        drain();
        if (!paused && waitingBytes >= MOST_WAITING && connection != null) {
            paused = true;
            connection.pause();
        }
    }

    /** The reply is whole, and the connection is given away. */
    void end() {
        connection = null;
        ended = true;
        drain();
    }

    void fail(Throwable cause) {
        failure = cause;
        end();
    }

    // ---- the reader's side

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> reader) {
        if (!USE.compareAndSet(this, UNTOUCHED, TAKEN)) {
            Operators.error(
                    reader,
                    new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        actual = reader;
        reader.onSubscribe(this);
        run(this::drain); // it may be empty
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            run(this::drain);
        }
    }

    @Override
    public void cancel() {
        if (USE.getAndSet(this, DROPPED) != DROPPED) {
            run(this::drop);
        }
    }

    @Override
    public void discard() {
        if (USE.compareAndSet(this, UNTOUCHED, DROPPED)) {
            run(this::drop);
        }
    }

    private void drop() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        waitingBytes = 0;
        FunctionConnection from = connection;
        connection = null;
        if (from != null) {
            from.leave();
        }
    }

    private void drain() {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (draining || reader == null) {
            return;
        }
        draining = true;
        while (use == TAKEN && requested > 0 && !waiting.isEmpty()) {
            ByteBuf chunk = waiting.remove();
            waitingBytes -= chunk.readableBytes();
            if (requested != Long.MAX_VALUE) {
                REQUESTED.decrementAndGet(this);
            }
            reader.onNext(chunk);
        }
        draining = false;
        if (paused && waitingBytes < MOST_WAITING && connection != null) {
            paused = false;
            connection.resume();
        }
        if (ended && !told && use == TAKEN && waiting.isEmpty()) {
            told = true;
            if (failure != null) {
                reader.onError(failure);
            } else {
                reader.onComplete();
            }
        }
    }

    private void run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // the loop has ended, and nobody else comes
        }
    }
}
