package io.headgate.rpc.endpoint;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Takes the elements of a source and passes on what they become, to one reader. The source may be connected before there is a
 * reader, and the reader may come before the source. Demand passes one to one and nothing waits here but the end.
 *
 * <p><b>Threading.</b> The source signals as it likes, demand and cancellation come from anywhere.
 */
abstract class Relay<I, O> implements CoreSubscriber<I>, Subscription {

    private static final int TAKEN = 1;
    private static final int ATTACHED = 2;
    private static final int ENDED = 4;
    private static final int CANCELLED = 8;
    private static final int OVER = 16;

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Relay, @Nullable Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(Relay.class, Subscription.class, "upstream");

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<Relay> PENDING =
            AtomicLongFieldUpdater.newUpdater(Relay.class, "pending");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Relay> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Relay.class, "state");

    private final Context context;
    private volatile @Nullable Subscription upstream;

    @SuppressWarnings("UnusedVariable") // by its updater
    private volatile long pending; // demand that came before the source

    private volatile int state;
    private volatile @Nullable CoreSubscriber<? super O> reader;
    private @Nullable Throwable failure; // written before ENDED
    private boolean done; // of the source

    /** For a source that is connected before there is a reader, whose context it sees then. */
    Relay(Context context) {
        this.context = context;
    }

    /** What an element becomes. Takes it; what it throws is the end for both sides. */
    abstract O map(I element);

    /** The source has ended or was cancelled; called once, before the reader hears of it. */
    void over() {}

    // ---- the reader

    /** The one reader comes; a second one is refused. */
    void attach(CoreSubscriber<? super O> actual) {
        if ((mark(TAKEN) & TAKEN) != 0) {
            Operators.error(
                    actual,
                    new IllegalStateException("stream: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        reader = actual;
        actual.onSubscribe(this);
        if ((mark(ATTACHED) & ENDED) != 0) {
            deliver(actual);
        }
    }

    /** Nobody will come. Returns whether nobody had come before. */
    boolean discard() {
        if ((mark(TAKEN) & TAKEN) != 0) {
            return false;
        }
        cancel();
        return true;
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n)) {
            return;
        }
        Subscription source = upstream;
        if (source != null) {
            source.request(n);
            return;
        }
        PENDING.accumulateAndGet(this, n, Operators::addCap);
        source = upstream;
        if (source != null) {
            flush(source);
        }
    }

    @Override
    public void cancel() {
        mark(CANCELLED);
        stop();
        finish();
    }

    boolean isCancelled() {
        return (state & CANCELLED) != 0;
    }

    // ---- the source

    @Override
    public Context currentContext() {
        CoreSubscriber<? super O> actual = reader;
        return actual == null ? context : actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (UPSTREAM.compareAndSet(this, null, subscription)) {
            flush(subscription);
        } else {
            subscription.cancel();
        }
    }

    @Override
    public void onNext(I element) {
        CoreSubscriber<? super O> actual = reader;
        if (done || actual == null || isCancelled()) {
            drop(element);
            return;
        }
        O mapped;
        try {
            mapped = map(element);
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            stop();
            end(e);
            return;
        }
        actual.onNext(mapped);
    }

    @Override
    public void onError(Throwable error) {
        if (!done) {
            end(error);
        }
    }

    @Override
    public void onComplete() {
        if (!done) {
            end(null);
        }
    }

    /** Ends the stream; called where the source signals. */
    void end(@Nullable Throwable error) {
        done = true;
        failure = error;
        finish();
        CoreSubscriber<? super O> actual = reader;
        if ((mark(ENDED) & ATTACHED) != 0 && actual != null) {
            deliver(actual);
        }
    }

    /** What the source failed with, if it has. */
    @Nullable Throwable failure() {
        return (state & ENDED) == 0 ? null : failure;
    }

    /** Tells the source that nobody wants the rest. */
    void stop() {
        Subscription source = UPSTREAM.getAndSet(this, Operators.cancelledSubscription());
        if (source != null && source != Operators.cancelledSubscription() && (state & ENDED) == 0) {
            source.cancel();
        }
    }

    static void drop(Object element) {
        if (element instanceof ByteBuf buffer) {
            buffer.release();
        }
    }

    private void deliver(CoreSubscriber<? super O> actual) {
        if (isCancelled()) {
            return;
        }
        Throwable error = failure;
        if (error == null) {
            actual.onComplete();
        } else {
            actual.onError(error);
        }
    }

    private void flush(Subscription source) {
        long demand = PENDING.getAndSet(this, 0);
        if (demand > 0) {
            source.request(demand);
        }
    }

    private void finish() {
        if ((mark(OVER) & OVER) == 0) {
            over();
        }
    }

    private int mark(int bit) {
        return STATE.getAndUpdate(this, before -> before | bit);
    }
}
