package io.headgate.mux.internal;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Passes what comes; an error from aside cancels the source and ends the stream, never in the middle of another signal. */
final class CutSubscriber implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final Mono<Void> cut;
    private final Disposable.Swap watched = Disposables.swap();
    private final AtomicInteger busy = new AtomicInteger();
    private @Nullable Subscription source;
    private volatile @Nullable Throwable cause;
    private boolean done; // while busy

    CutSubscriber(CoreSubscriber<? super ByteBuf> actual, Mono<Void> cut) {
        this.actual = actual;
        this.cut = cut;
    }

    private void cut(Throwable error) {
        cause = error;
        Subscription upstream = source;
        if (upstream != null) {
            upstream.cancel();
        }
        if (busy.getAndIncrement() == 0) {
            leave();
        }
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(source, subscription)) {
            source = subscription;
            actual.onSubscribe(this);
            watched.update(cut.subscribe(nothing -> {}, this::cut));
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (busy.getAndIncrement() != 0) {
            buffer.release(); // it is being cut at this moment
            return;
        }
        if (done || cause != null) {
            buffer.release();
        } else {
            actual.onNext(buffer);
        }
        leave();
    }

    @Override
    public void onError(Throwable error) {
        end(error);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    private void end(@Nullable Throwable error) {
        if (busy.getAndIncrement() == 0) {
            if (!done && cause == null) {
                finish(error);
            }
            leave();
        }
    }

    /** Who came in first looks for a cut, as often as somebody came in after. */
    private void leave() {
        int seen = busy.get();
        do {
            Throwable error = cause;
            if (error != null && !done) {
                finish(error);
            }
            seen = busy.addAndGet(-seen);
        } while (seen != 0);
    }

    private void finish(@Nullable Throwable error) {
        done = true;
        watched.dispose();
        if (error == null) {
            actual.onComplete();
        } else {
            actual.onError(error);
        }
    }

    @Override
    public void request(long n) {
        Subscription upstream = source;
        if (upstream != null) {
            upstream.request(n);
        }
    }

    @Override
    public void cancel() {
        watched.dispose();
        Subscription upstream = source;
        if (upstream != null) {
            upstream.cancel();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return source;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
