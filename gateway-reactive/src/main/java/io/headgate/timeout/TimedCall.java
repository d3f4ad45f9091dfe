package io.headgate.timeout;

import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A call that ends by a certain time, one way or another. */
final class TimedCall extends Mono<HttpReply> {

    private final Mono<HttpReply> call;
    private final CoarseTimer timer;
    private final long nanos;
    private final Duration limit;

    TimedCall(Mono<HttpReply> call, CoarseTimer timer, long nanos, Duration limit) {
        this.call = call;
        this.timer = timer;
        this.nanos = nanos;
        this.limit = limit;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        Waiting waiting = new Waiting(actual, limit);
        waiting.running = timer.schedule(waiting, nanos);
        call.subscribe(waiting);
    }

    /** Ends once: by the call, by its time, or by a cancel. */
    private static final class Waiting implements CoreSubscriber<HttpReply>, Subscription, Runnable, Scannable {

        private static final AtomicIntegerFieldUpdater<Waiting> OVER =
                AtomicIntegerFieldUpdater.newUpdater(Waiting.class, "over");
        private static final AtomicReferenceFieldUpdater<Waiting, @Nullable Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(Waiting.class, Subscription.class, "upstream");

        private final CoreSubscriber<? super HttpReply> actual;
        private final Duration limit;
        private @Nullable Disposable running;
        private volatile int over;
        private volatile @Nullable Subscription upstream;

        Waiting(CoreSubscriber<? super HttpReply> actual, Duration limit) {
            this.actual = actual;
            this.limit = limit;
        }

        private boolean end() {
            return over == 0 && OVER.compareAndSet(this, 0, 1);
        }

        private void stopTimer() {
            if (running != null) {
                running.dispose();
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (UPSTREAM.compareAndSet(this, null, subscription)) {
                actual.onSubscribe(this);
                if (over == 1) {
                    subscription.cancel(); // it was late before it began
                }
            } else {
                subscription.cancel();
            }
        }

        @Override
        public void onNext(HttpReply reply) {
            if (end()) {
                stopTimer();
                actual.onNext(reply);
                actual.onComplete();
            } else {
                reply.discard();
            }
        }

        @Override
        public void onError(Throwable error) {
            if (end()) {
                stopTimer();
                actual.onError(error);
            }
        }

        @Override
        public void onComplete() {
            if (end()) {
                stopTimer();
                actual.onComplete();
            }
        }

        @Override
        public void run() {
            if (end()) {
                Subscription source = upstream;
                if (source != null) {
                    source.cancel();
                    actual.onError(TimedOutException.noReply(limit));
                } else {
                    Operators.error(actual, TimedOutException.noReply(limit));
                }
            }
        }

        @Override
        public void request(long n) {
            Subscription source = upstream;
            if (source != null) {
                source.request(n);
            }
        }

        @Override
        public void cancel() {
            if (end()) {
                stopTimer();
                Subscription source = upstream;
                if (source != null) {
                    source.cancel();
                }
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
}
