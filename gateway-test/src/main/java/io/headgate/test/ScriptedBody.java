package io.headgate.test;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/**
 * A body driven by hand: a test says when chunks, the end, trailers and errors come, and asks what arrived here of demand,
 * cancellation and discarding. Chunks wait for demand.
 *
 * <p><b>Threading.</b> Any thread may drive and ask, one at a time; signals come on the thread that drives or requests.
 *
 * <p><b>Ownership.</b> The body owns the buffers that it is given until it emits them; it releases the others when it is
 * cancelled, discarded or over.
 */
public final class ScriptedBody extends Body {

    /** How a body ended. */
    public enum End {
        /** The subscriber was told that the body is complete. */
        COMPLETED,
        /** The subscriber was told of an error. */
        FAILED,
        /** The subscriber cancelled before the end. */
        CANCELLED,
        /** The body was discarded without a subscription. */
        DISCARDED
    }

    private final Queue<ByteBuf> chunks = new ConcurrentLinkedQueue<>();
    private final Sinks.One<Fields> trailers = Sinks.one();
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();
    private final AtomicInteger subscriptions = new AtomicInteger();
    private final AtomicInteger cancels = new AtomicInteger();
    private final AtomicInteger discards = new AtomicInteger();
    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger drains = new AtomicInteger();
    private long emitted; // only while draining
    private volatile boolean finished;
    private volatile @Nullable Throwable error;
    private volatile @Nullable CoreSubscriber<? super ByteBuf> actual;
    private volatile Runnable onEnd = () -> {};

    private ScriptedBody() {}

    /**
     * A body that has emitted nothing yet.
     *
     * @return the body
     */
    public static ScriptedBody create() {
        return new ScriptedBody();
    }

    /**
     * Adds a chunk, emitted when there is demand for it. One that comes after the end is released.
     *
     * @param chunk the chunk; takes ownership
     * @return this
     */
    public ScriptedBody emit(ByteBuf chunk) {
        chunks.add(chunk);
        drain();
        return this;
    }

    /** Ends the body after the chunks, without trailers. */
    public void complete() {
        trailers.tryEmitEmpty();
        finish(null);
    }

    /**
     * Ends the body after the chunks, with trailers.
     *
     * @param fields the trailers
     */
    public void complete(Fields fields) {
        trailers.tryEmitValue(fields);
        finish(null);
    }

    /**
     * Fails the body after the chunks, and its trailers.
     *
     * @param failure the error
     */
    public void fail(Throwable failure) {
        trailers.tryEmitError(failure);
        finish(failure);
    }

    /**
     * Ends the body after the chunks, but fails its trailers.
     *
     * @param failure the error
     */
    public void failTrailers(Throwable failure) {
        trailers.tryEmitError(failure);
        finish(null);
    }

    /**
     * How the body ended, once it has.
     *
     * @return the end, or null while it is under way
     */
    public @Nullable End end() {
        return end.get();
    }

    /**
     * How many subscriptions were tried.
     *
     * @return zero or more; all but the first failed
     */
    public int subscriptions() {
        return subscriptions.get();
    }

    /**
     * How often the subscriber cancelled before the body was complete or failed.
     *
     * @return zero or more
     */
    public int cancels() {
        return cancels.get();
    }

    /**
     * How often the body was discarded before anybody subscribed.
     *
     * @return zero or more
     */
    public int discards() {
        return discards.get();
    }

    /**
     * How many chunks the subscriber has asked for.
     *
     * @return the sum, {@link Long#MAX_VALUE} for no bound
     */
    public long requested() {
        return requested.get();
    }

    @Override
    public long length() {
        return UNKNOWN_LENGTH;
    }

    @Override
    public Mono<Fields> trailers() {
        return trailers.asMono();
    }

    @Override
    public void discard() {
        if (subscriptions.get() == 0 && end.get() != End.CANCELLED) {
            discards.incrementAndGet();
            end(End.DISCARDED);
            drain();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> subscriber) {
        if (subscriptions.getAndIncrement() > 0 || end.get() == End.DISCARDED) {
            Operators.error(
                    subscriber,
                    new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        actual = subscriber;
        subscriber.onSubscribe(new Demand());
        drain();
    }

    /** Called once, when the body is over. */
    void onEnd(Runnable action) {
        onEnd = action;
    }

    private void finish(@Nullable Throwable failure) {
        error = failure;
        finished = true;
        drain();
    }

    private void end(End how) {
        if (end.compareAndSet(null, how)) {
            if (how == End.CANCELLED || how == End.DISCARDED) {
                trailers.tryEmitError(new CancellationException("body: " + how));
            }
            onEnd.run();
        }
    }

    /** Emits from one thread at a time and never from within itself. */
    private void drain() {
        if (drains.getAndIncrement() > 0) {
            return;
        }
        do {
            CoreSubscriber<? super ByteBuf> subscriber = actual;
            if (end.get() != null) {
                releaseChunks();
            } else if (subscriber != null) {
                emitTo(subscriber);
            }
        } while (drains.decrementAndGet() > 0);
    }

    private void emitTo(CoreSubscriber<? super ByteBuf> subscriber) {
        while (end.get() == null && emitted < requested.get()) {
            ByteBuf chunk = chunks.poll();
            if (chunk == null) {
                break;
            }
            emitted++;
            subscriber.onNext(chunk);
        }
        if (finished && chunks.isEmpty() && end.get() == null) {
            Throwable failure = error;
            end(failure == null ? End.COMPLETED : End.FAILED);
            if (failure == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(failure);
            }
        }
    }

    private void releaseChunks() {
        for (ByteBuf chunk = chunks.poll(); chunk != null; chunk = chunks.poll()) {
            chunk.release();
        }
    }

    private final class Demand implements Subscription {

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                requested.accumulateAndGet(n, Operators::addCap);
                drain();
            }
        }

        @Override
        public void cancel() {
            End how = end.get();
            if (how == null || how == End.CANCELLED) {
                cancels.incrementAndGet();
                end(End.CANCELLED);
                drain();
            }
        }
    }
}
