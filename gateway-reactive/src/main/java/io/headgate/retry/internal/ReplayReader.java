package io.headgate.retry.internal;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A kept body as one attempt sees it. */
final class ReplayReader extends Body implements Subscription, Scannable {

    private static final AtomicIntegerFieldUpdater<ReplayReader> STATE =
            AtomicIntegerFieldUpdater.newUpdater(ReplayReader.class, "state");
    private static final AtomicLongFieldUpdater<ReplayReader> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(ReplayReader.class, "requested");

    private static final int UNTOUCHED = 0;
    private static final int READING = 1;
    private static final int OVER = 2;

    private final ReplayBody body;
    private volatile int state;
    private volatile long requested;
    private volatile @Nullable CoreSubscriber<? super ByteBuf> actual;

    /** How many of the buffers that are kept it has read; for the drain of the body alone. */
    int at;

    ReplayReader(ReplayBody body) {
        this.body = body;
    }

    // ---- the attempt's side

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return body.trailers();
    }

    @Override
    public void discard() {
        if (STATE.compareAndSet(this, UNTOUCHED, OVER)) {
            body.drain();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> reader) {
        if (!STATE.compareAndSet(this, UNTOUCHED, READING)) {
            Operators.error(
                    reader,
                    new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        reader.onSubscribe(this);
        actual = reader;
        body.open();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            body.drain();
        }
    }

    @Override
    public void cancel() {
        if (STATE.getAndSet(this, OVER) != OVER) {
            body.drain();
        }
    }

    // ---- the body's side

    boolean isOver() {
        return state == OVER;
    }

    /** Its attempt is of no interest any more. */
    void retire() {
        state = OVER;
    }

    boolean wantsMore() {
        return state == READING && actual != null && requested > 0;
    }

    void give(ByteBuf buffer) {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (reader == null) {
            buffer.release();
            return;
        }
        if (requested != Long.MAX_VALUE) {
            REQUESTED.decrementAndGet(this);
        }
        reader.onNext(buffer);
    }

    void end(@Nullable Throwable failure) {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (reader != null && STATE.compareAndSet(this, READING, OVER)) {
            if (failure == null) {
                reader.onComplete();
            } else {
                reader.onError(failure);
            }
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        return key == Attr.TERMINATED ? state == OVER : null;
    }
}
