package io.headgate.mirror;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;

/**
 * The body of a mirrored request: what the main path has read and the mirror not yet. It never asks for anything; what
 * waits is bounded, and beyond the bound the body is cut.
 *
 * <p>One thread at a time offers, that of the main path; the mirror reads on any thread.
 */
final class MirrorBody extends Body implements Subscription {

    /** What a chunk counts for at least: a short one may hold on to a long buffer. */
    private static final int LEAST_CHARGE = 256;

    private enum Use {
        UNTOUCHED,
        READING,
        OVER
    }

    private final long length;
    private final int maxBytes;
    private final Mono<Fields> trailers;
    private final Queue<ByteBuf> waiting = Queues.<ByteBuf>unbounded(64).get();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger drains = new AtomicInteger();
    private final AtomicReference<Use> use = new AtomicReference<>(Use.UNTOUCHED);
    private volatile @Nullable CoreSubscriber<? super ByteBuf> reader;
    private volatile boolean ended;
    private @Nullable Throwable failure; // written before, read after ended

    MirrorBody(long length, int maxBytes, Mono<Fields> trailers) {
        this.length = length;
        this.maxBytes = maxBytes;
        this.trailers = trailers;
    }

    // ---- the main path

    /** Whether more is of use. */
    boolean isOpen() {
        return !ended && use.get() != Use.OVER;
    }

    /** Takes ownership of a chunk. */
    void offer(ByteBuf chunk) {
        int charge = charge(chunk);
        if (!isOpen()) {
            chunk.release();
        } else if (waitingBytes.addAndGet(charge) > maxBytes) {
            chunk.release();
            end(new MirrorCutException(maxBytes));
        } else {
            waiting.add(chunk);
            drain();
        }
    }

    /** Whether the mirror was too slow. */
    boolean isCut() {
        return ended && failure instanceof MirrorCutException;
    }

    /** The request body is over, whole when there is no cause. */
    void end(@Nullable Throwable cause) {
        if (!ended) {
            failure = cause;
            ended = true;
            drain();
        }
    }

    private static int charge(ByteBuf chunk) {
        return Math.max(chunk.readableBytes(), LEAST_CHARGE);
    }

    // ---- the mirror

    @Override
    public long length() {
        return length;
    }

    @Override
    public Mono<Fields> trailers() {
        return trailers;
    }

    @Override
    public void discard() {
        if (use.compareAndSet(Use.UNTOUCHED, Use.OVER)) {
            drain();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (!use.compareAndSet(Use.UNTOUCHED, Use.READING)) {
            Operators.error(
                    actual,
                    new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        actual.onSubscribe(this);
        reader = actual;
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            requested.accumulateAndGet(n, Operators::addCap);
            drain();
        }
    }

    @Override
    public void cancel() {
        if (use.getAndSet(Use.OVER) != Use.OVER) {
            drain();
        }
    }

    /** Runs on one thread at a time and never within itself. */
    private void drain() {
        if (drains.getAndIncrement() > 0) {
            return;
        }
        int missed = 1;
        do {
            CoreSubscriber<? super ByteBuf> actual = reader;
            if (use.get() == Use.OVER) {
                releaseAll();
            } else if (actual != null) {
                emit(actual);
            }
            missed = drains.addAndGet(-missed);
        } while (missed > 0);
    }

    private void emit(CoreSubscriber<? super ByteBuf> actual) {
        while (use.get() == Use.READING && requested.get() > 0) {
            ByteBuf chunk = waiting.poll();
            if (chunk == null) {
                break;
            }
            waitingBytes.addAndGet(-charge(chunk));
            requested.updateAndGet(open -> open == Long.MAX_VALUE ? open : open - 1);
            actual.onNext(chunk);
        }
        boolean over = ended; // before the look at the queue: nothing is added after the end
        if (over && (failure != null || waiting.isEmpty()) && use.compareAndSet(Use.READING, Use.OVER)) {
            releaseAll();
            if (failure == null) {
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }
    }

    private void releaseAll() {
        for (ByteBuf chunk = waiting.poll(); chunk != null; chunk = waiting.poll()) {
            chunk.release();
        }
    }
}
