package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Asks for one buffer at a time, when there is demand and the one before it has been paid for. */
final class PaceSubscriber implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final Pace pace;
    private final Disposable.Swap wait = Disposables.swap();
    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger drains = new AtomicInteger();
    private @Nullable Subscription source;
    private volatile boolean free = true; // neither asked for a buffer nor waiting
    private volatile boolean over;

    PaceSubscriber(CoreSubscriber<? super ByteBuf> actual, Pace pace) {
        this.actual = actual;
        this.pace = pace;
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
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        long nanos = pace.pay(buffer.readableBytes());
        actual.onNext(buffer);
        if (nanos == 0) {
            go();
        } else if (!over) {
            try {
                wait.update(pace.timer().schedule(this::go, nanos, TimeUnit.NANOSECONDS));
            } catch (RejectedExecutionException e) {
                go(); // a timer that is gone must not hold a stream for ever
            }
        }
    }

    @Override
    public void onError(Throwable error) {
        over = true;
        wait.dispose();
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        over = true;
        wait.dispose();
        actual.onComplete();
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
        over = true;
        wait.dispose();
        Subscription upstream = source;
        if (upstream != null) {
            upstream.cancel();
        }
    }

    private void go() {
        free = true;
        drain();
    }

    /** A source that emits while it is asked comes back in here and only leaves a note, so that the stack does not grow. */
    private void drain() {
        if (drains.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Subscription upstream = source;
            if (free && !over && upstream != null && requested.get() > 0) {
                free = false;
                if (requested.get() != Long.MAX_VALUE) {
                    requested.decrementAndGet();
                }
                upstream.request(1);
            }
            seen = drains.addAndGet(-seen);
        } while (seen != 0);
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return source;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.TERMINATED ? over : null;
    }
}
