package io.headgate.timeout;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.mux.internal.LinkableBody;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A body that is cut when it is not whole by a certain time. One that is linked to a socket is its upstream's to cut. */
final class TimedBody extends Body implements LinkableBody, Runnable {

    private enum Use {
        UNTOUCHED,
        READ,
        OVER,
        LATE
    }

    private final Body source;
    private final Duration limit;
    private final AtomicReference<Use> use = new AtomicReference<>(Use.UNTOUCHED);
    private volatile @Nullable Disposable timer;
    private volatile @Nullable Reading reading;

    private TimedBody(Body source, Duration limit) {
        this.source = source;
        this.limit = limit;
    }

    static TimedBody start(Body source, CoarseTimer timer, Deadline deadline, Duration limit) {
        TimedBody body = new TimedBody(source, limit);
        body.timer = timer.schedule(body, deadline.remainingNanos());
        return body;
    }

    private void stopTimer() {
        Disposable set = timer;
        if (set != null) {
            set.dispose();
        }
    }

    @Override
    public void run() {
        if (use.compareAndSet(Use.UNTOUCHED, Use.LATE)) {
            source.discard();
            return;
        }
        Reading reader = reading;
        if (use.get() == Use.READ && reader != null) {
            reader.expire();
        }
    }

    @Override
    public Body linked() {
        return source;
    }

    @Override
    public boolean take() {
        if (use.compareAndSet(Use.UNTOUCHED, Use.OVER)) {
            stopTimer();
            return true;
        }
        return false;
    }

    @Override
    public long length() {
        return source.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return source.trailers();
    }

    @Override
    public void discard() {
        if (take()) {
            source.discard();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        Reading reader = new Reading(actual);
        reading = reader;
        if (use.compareAndSet(Use.UNTOUCHED, Use.READ)) {
            source.subscribe(reader);
        } else if (use.get() == Use.LATE) {
            Operators.error(actual, TimedOutException.unfinished(limit));
        } else {
            Operators.error(
                    actual,
                    new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
        }
    }

    /** The time may come while a buffer is being passed; then the failure waits for that to be over. */
    private final class Reading implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

        private final CoreSubscriber<? super ByteBuf> actual;
        private final AtomicInteger passing = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private volatile boolean expired;
        private volatile @Nullable Subscription upstream;

        Reading(CoreSubscriber<? super ByteBuf> actual) {
            this.actual = actual;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (Operators.validate(upstream, subscription)) {
                upstream = subscription;
                passing.incrementAndGet();
                actual.onSubscribe(this);
                passed();
            }
        }

        @Override
        public void onNext(ByteBuf buffer) {
            passing.incrementAndGet();
            if (expired) {
                buffer.release();
            } else {
                actual.onNext(buffer);
            }
            passed();
        }

        private void passed() {
            if (passing.decrementAndGet() == 0 && expired) {
                fail();
            }
        }

        private void fail() {
            if (end()) {
                actual.onError(TimedOutException.unfinished(limit));
            }
        }

        private boolean end() {
            if (ended.compareAndSet(0, 1)) {
                stopTimer();
                return true;
            }
            return false;
        }

        void expire() {
            expired = true;
            Subscription source = upstream;
            if (source != null) {
                source.cancel();
                if (passing.get() == 0) {
                    fail();
                }
            }
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
        public void request(long n) {
            Subscription source = upstream;
            if (source != null) {
                source.request(n);
            }
        }

        @Override
        public void cancel() {
            if (end()) {
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
