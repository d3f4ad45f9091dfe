package io.headgate;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Passes everything on, and tells once when the call is over. */
final class LatestCallSubscriber<O> extends AtomicBoolean implements CoreSubscriber<O>, Subscription, Scannable {

    private static final long serialVersionUID = 1L;

    private final transient Generation<?, O> generation;
    private final transient CoreSubscriber<? super O> actual;
    private transient @Nullable Subscription upstream;

    LatestCallSubscriber(Generation<?, O> generation, CoreSubscriber<? super O> actual) {
        this.generation = generation;
        this.actual = actual;
    }

    private void over() {
        if (compareAndSet(false, true)) {
            generation.leave();
        }
    }

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(upstream, s)) {
            upstream = s;
            actual.onSubscribe(this);
        }
    }

    @Override
    public void onNext(O reply) {
        actual.onNext(reply);
    }

    @Override
    public void onError(Throwable error) {
        over();
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        over();
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
        over();
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
