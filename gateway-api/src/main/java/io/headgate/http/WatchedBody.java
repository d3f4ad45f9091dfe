package io.headgate.http;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A body of any kind, watched from outside: for those that cannot tell a watch by themselves. */
final class WatchedBody extends Body {

    private static final AtomicIntegerFieldUpdater<WatchedBody> USED =
            AtomicIntegerFieldUpdater.newUpdater(WatchedBody.class, "used");
    private static final AtomicIntegerFieldUpdater<WatchedBody> TOLD =
            AtomicIntegerFieldUpdater.newUpdater(WatchedBody.class, "told");

    private final Body body;
    private final BodyWatch watch;
    private volatile int used;
    private volatile int told;
    private volatile @Nullable Mono<Fields> trailers; // once the watch has asked for them

    WatchedBody(Body body, BodyWatch watch) {
        this.body = body;
        this.watch = watch;
    }

    private boolean isEnd() {
        return TOLD.compareAndSet(this, 0, 1);
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.defer(() -> {
            Mono<Fields> known = trailers;
            return known == null ? body.trailers() : known;
        });
    }

    @Override
    public void discard() {
        if (USED.compareAndSet(this, 0, 1)) {
            body.discard();
            if (isEnd()) {
                watch.onCancel();
            }
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        body.subscribe(USED.compareAndSet(this, 0, 1) ? new Watching(actual) : actual);
    }

    private final class Watching implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

        private final CoreSubscriber<? super ByteBuf> actual;
        private @Nullable Subscription upstream;
        private volatile Disposable pending = Disposables.disposed(); // the wait for the trailers

        Watching(CoreSubscriber<? super ByteBuf> actual) {
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
                actual.onSubscribe(this);
            }
        }

        @Override
        public void onNext(ByteBuf buffer) {
            if (told == 0 && buffer.isReadable()) {
                watch.onData(buffer.readableBytes());
            }
            actual.onNext(buffer);
        }

        @Override
        public void onError(Throwable error) {
            if (isEnd()) {
                watch.onFailure(error);
            }
            actual.onError(error);
        }

        /** The watch is told before the consumer, with the trailers, which are there when the body has completed. */
        @Override
        public void onComplete() {
            Mono<Fields> asked = body.trailers().cache();
            trailers = asked;
            pending = asked.defaultIfEmpty(Fields.empty()).subscribe(this::completed, this::failedTrailers);
        }

        private void completed(Fields fields) {
            if (isEnd()) {
                watch.onComplete(fields);
            }
            actual.onComplete();
        }

        /** The consumer learns it when it asks for the trailers. */
        private void failedTrailers(Throwable error) {
            if (isEnd()) {
                watch.onFailure(error);
            }
            actual.onComplete();
        }

        @Override
        public void request(long n) {
            if (upstream != null) {
                upstream.request(n);
            }
        }

        @Override
        public void cancel() {
            if (upstream != null) {
                upstream.cancel();
            }
            pending.dispose();
            if (isEnd()) {
                watch.onCancel();
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
