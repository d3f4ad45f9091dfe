package io.headgate.timeout;

import io.headgate.Deadline;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Waits for a reply for so long and no longer. Ends once: by the call, by its time, or by a cancel. A reply that is there at once
 * costs no timer.
 */
final class TimedCall implements CoreSubscriber<HttpReply>, Subscription, Runnable, Scannable {

    private static final AtomicIntegerFieldUpdater<TimedCall> OVER =
            AtomicIntegerFieldUpdater.newUpdater(TimedCall.class, "over");

    private final CoreSubscriber<? super HttpReply> actual;
    private final CoarseTimer timer;
    private final Duration limit;
    private final Deadline lastByte;
    private @Nullable Subscription upstream;
    private volatile @Nullable Disposable running;
    private volatile int over;

    /**
     * Waits.
     *
     * @param limit how long for the head
     * @param lastByte when the reply must be whole, or none
     */
    TimedCall(CoreSubscriber<? super HttpReply> actual, CoarseTimer timer, Duration limit, Deadline lastByte) {
        this.actual = actual;
        this.timer = timer;
        this.limit = limit;
        this.lastByte = lastByte;
    }

    private boolean end() {
        if (over == 0 && OVER.compareAndSet(this, 0, 1)) {
            stopTimer();
            return true;
        }
        return false;
    }

    private void stopTimer() {
        Disposable set = running;
        if (set != null) {
            set.dispose();
        }
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (!Operators.validate(upstream, subscription)) {
            return;
        }
        upstream = subscription;
        actual.onSubscribe(this);
        if (over == 0) {
            long nanos = Nanos.of(limit);
            running = timer.schedule(this, lastByte.isNone() ? nanos : Math.min(nanos, lastByte.remainingNanos()));
            if (over == 1) {
                stopTimer(); // the reply came meanwhile, and saw no timer yet
            }
        }
    }

    @Override
    public void onNext(HttpReply reply) {
        if (!end()) {
            reply.discard();
            return;
        }
        boolean isLimited = !lastByte.isNone() && !reply.body().isEmpty();
        actual.onNext(isLimited ? reply.withBody(TimedBody.start(reply.body(), timer, lastByte, limit)) : reply);
        actual.onComplete();
    }

    @Override
    public void onError(Throwable error) {
        if (end()) {
            actual.onError(error);
        }
    }

    @Override
    public void onComplete() {
        if (end()) {
            actual.onComplete();
        }
    }

    @Override
    public void run() {
        if (end()) {
            cancelUpstream();
            actual.onError(TimedOutException.noReply(limit));
        }
    }

    @Override
    public void request(long n) {
        if (upstream != null) {
            upstream.request(n);
        }
    }

    @Override
    public void cancel() {
        if (end()) {
            cancelUpstream();
        }
    }

    private void cancelUpstream() {
        if (upstream != null) {
            upstream.cancel();
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
