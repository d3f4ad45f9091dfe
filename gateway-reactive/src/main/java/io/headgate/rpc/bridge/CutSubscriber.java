package io.headgate.rpc.bridge;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Cuts on one thread at a time, whoever comes first, and never within itself. */
final class CutSubscriber implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    private static final AtomicIntegerFieldUpdater<CutSubscriber> DRAINS =
            AtomicIntegerFieldUpdater.newUpdater(CutSubscriber.class, "drains");
    private static final AtomicLongFieldUpdater<CutSubscriber> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(CutSubscriber.class, "requested");

    private final CoreSubscriber<? super ByteBuf> actual;
    private final Cutter cutter;
    private final AtomicReference<@Nullable ByteBuf> incoming =
            new AtomicReference<>(); // one chunk is asked for at a time
    private @Nullable Subscription upstream;
    private volatile int drains;
    private volatile long requested;
    private volatile boolean ended;
    private @Nullable Throwable failure; // written before ended
    private volatile boolean cancelled;

    // From here on for the drain alone.
    private @Nullable ByteBuf ready; // an element that nobody has asked for yet
    private boolean asked;
    private boolean over;

    CutSubscriber(CoreSubscriber<? super ByteBuf> actual, Cutter cutter) {
        this.actual = actual;
        this.cutter = cutter;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(upstream, subscription)) {
            upstream = subscription;
            actual.onSubscribe(this);
        }
    }

    @Override
    public void onNext(ByteBuf chunk) {
        incoming.set(chunk);
        drain();
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
        ended = true;
        drain();
    }

    @Override
    public void onComplete() {
        ended = true;
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        cancelUpstream();
        drain();
    }

    private void cancelUpstream() {
        if (upstream != null) {
            upstream.cancel();
        }
    }

    private void drain() {
        if (DRAINS.getAndIncrement(this) != 0) {
            return;
        }
        int missed = 1;
        do {
            step();
            missed = DRAINS.addAndGet(this, -missed);
        } while (missed != 0);
    }

    private void step() {
        try {
            while (!over && !cancelled && hasMoved()) {
                // until nothing moves
            }
        } catch (RuntimeException e) { // of the cutter: too long, or cut off
            cancelUpstream();
            end(e);
        }
        if (over || cancelled) {
            releaseAll();
        }
    }

    /** Emits an element, or ends, or finds that something must come first. */
    private boolean hasMoved() {
        boolean noMore = ended; // before the look at what has come
        if (ready == null) {
            takeIncoming();
            ready = cutter.next();
        }
        if (ready == null && noMore && incoming.get() == null) {
            ready = failure == null ? cutter.last() : null;
            if (ready == null) {
                end(failure);
                return false;
            }
        }
        if (requested == 0) {
            return false;
        }
        ByteBuf element = ready;
        if (element != null) {
            ready = null;
            Operators.produced(REQUESTED, this, 1);
            actual.onNext(element);
            return true;
        }
        return wasAsked();
    }

    private void takeIncoming() {
        ByteBuf chunk = cutter.isUsedUp() ? incoming.getAndSet(null) : null;
        if (chunk != null) {
            asked = false;
            cutter.add(chunk);
        }
    }

    /** Asks for a chunk unless one is under way; whether it has come meanwhile. */
    private boolean wasAsked() {
        if (!asked && !ended && upstream != null) {
            asked = true;
            upstream.request(1);
        }
        return incoming.get() != null;
    }

    private void end(@Nullable Throwable why) {
        over = true;
        if (why == null) {
            actual.onComplete();
        } else {
            actual.onError(why);
        }
    }

    private void releaseAll() {
        if (ready != null) {
            ready.release();
            ready = null;
        }
        cutter.release();
        ByteBuf chunk = incoming.getAndSet(null);
        if (chunk != null) {
            chunk.release();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
