package io.headgate.sync.client;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * One subscriber of one name: is told the state that is there when it has demand, unless it was told that one before.
 *
 * <p><b>Threading.</b> Any; the subscriber is told by one thread at a time.
 */
final class StateSubscription<S> implements Subscription, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<StateSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(StateSubscription.class, "requested");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<StateSubscription> WORK =
            AtomicIntegerFieldUpdater.newUpdater(StateSubscription.class, "work");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<StateSubscription> CANCELLED =
            AtomicIntegerFieldUpdater.newUpdater(StateSubscription.class, "cancelled");

    private final CoreSubscriber<? super S> actual;
    private final StateNames<S> names;
    private final NamedState<S> named;

    private volatile long requested;
    private volatile int work;
    private volatile int cancelled;

    /** Touched by whoever drains. */
    private @Nullable S told;

    StateSubscription(CoreSubscriber<? super S> actual, StateNames<S> names, NamedState<S> named) {
        this.actual = actual;
        this.names = names;
        this.named = named;
    }

    NamedState<S> named() {
        return named;
    }

    @Override
    public void request(long count) {
        if (Operators.validate(count)) {
            Operators.addCap(REQUESTED, this, count);
            drain();
        }
    }

    @Override
    public void cancel() {
        if (CANCELLED.compareAndSet(this, 0, 1)) {
            names.leave(this);
        }
    }

    void drain() {
        if (WORK.getAndIncrement(this) != 0) {
            return;
        }
        int missed = 1;
        do {
            tell();
            missed = WORK.addAndGet(this, -missed);
        } while (missed != 0);
    }

    private void tell() {
        S now = named.state();
        if (now != null && requested > 0 && cancelled == 0 && !now.equals(told)) {
            told = now;
            actual.onNext(now);
            Operators.produced(REQUESTED, this, 1);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        } else if (key == Attr.CANCELLED) {
            return cancelled == 1;
        } else if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
