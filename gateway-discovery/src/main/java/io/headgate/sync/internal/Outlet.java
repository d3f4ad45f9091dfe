package io.headgate.sync.internal;

import io.headgate.sync.SyncEvent;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Where a set comes out for one subscriber. Its source puts in whatever it has, from any thread and at any time; what the subscriber has no
 * demand for is folded by a {@link Dedupe}.
 *
 * <p><b>Threading.</b> Any. The subscriber is told by one thread at a time, that of the source or of whoever asks. A short lock guards what
 * waits; it is not held while the subscriber is told.
 *
 * <p><b>Ends.</b> An error overtakes what waits, since a state stream has no last word; a completion does not. After the end, or a cancellation,
 * whatever is put in is ignored, and nothing is held.
 */
public final class Outlet implements Subscription, Scannable {

    private static final AtomicLongFieldUpdater<Outlet> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(Outlet.class, "requested");
    private static final AtomicIntegerFieldUpdater<Outlet> WORK =
            AtomicIntegerFieldUpdater.newUpdater(Outlet.class, "work");

    private final CoreSubscriber<? super SyncEvent> actual;
    private final Disposable.Swap source = Disposables.swap();
    private final Object lock = new Object();

    /** Guarded by the lock; null once over. */
    private @Nullable Dedupe dedupe = new Dedupe();

    private volatile long requested;
    private volatile int work;
    private volatile boolean completed;
    private volatile boolean over;
    private volatile @Nullable Throwable failure;

    Outlet(CoreSubscriber<? super SyncEvent> actual) {
        this.actual = actual;
    }

    /** Says what is to be ended with the subscription. */
    void feed(Disposable from) {
        source.replace(from);
    }

    /** What the subscriber has said about itself. */
    public Context context() {
        return actual.currentContext();
    }

    /** Whether nobody listens any more. */
    public boolean isOver() {
        return over;
    }

    /** How many keys have an update that waits. */
    public int waiting() {
        synchronized (lock) {
            return dedupe == null ? 0 : dedupe.waiting();
        }
    }

    // ---- the side of the source

    /** Takes what the source says, and tells the subscriber as far as there is demand. */
    public void take(SyncEvent event) {
        put(event);
        tell();
    }

    /** Takes what the source says, for a {@link #tell} to follow: for a source that holds a lock of its own. */
    public void put(SyncEvent event) {
        synchronized (lock) {
            if (dedupe != null) {
                dedupe.take(event);
            }
        }
    }

    /** Tells the subscriber as far as there is demand. */
    public void tell() {
        if (WORK.getAndIncrement(this) != 0) {
            return;
        }
        int missed = 1;
        do {
            drain();
            missed = WORK.addAndGet(this, -missed);
        } while (missed != 0);
    }

    /** The source will tell everything again; {@link Dedupe#restart}. */
    public void restart() {
        synchronized (lock) {
            if (dedupe != null) {
                dedupe.restart();
            }
        }
    }

    /** Ends with an error: the subscriber asked for what cannot be had. */
    public void fail(Throwable error) {
        failure = error;
        tell();
    }

    /** Ends once everything has been told. */
    public void complete() {
        completed = true;
        tell();
    }

    // ---- the side of the subscriber

    @Override
    public void request(long count) {
        if (Operators.validate(count)) {
            Operators.addCap(REQUESTED, this, count);
            tell();
        }
    }

    @Override
    public void cancel() {
        close();
    }

    private boolean close() {
        synchronized (lock) {
            if (dedupe == null) {
                return false;
            }
            dedupe = null;
            over = true;
        }
        source.dispose();
        return true;
    }

    private void drain() {
        long asked = requested;
        long told = 0;
        boolean more = true;
        while (more && !over) {
            boolean isLast = completed; // before the look at what waits
            Throwable error = failure;
            SyncEvent event = error == null && told != asked ? next() : null;
            if (event != null) {
                pass(event);
                told++;
            } else {
                more = false;
                end(error, isLast);
            }
        }
        Operators.produced(REQUESTED, this, told);
    }

    private void pass(SyncEvent event) {
        try {
            actual.onNext(event);
        } catch (Throwable broken) { // against the rules, and no reason to stop the source of others
            Exceptions.throwIfJvmFatal(broken);
            if (close()) {
                actual.onError(broken);
            }
        }
    }

    private @Nullable SyncEvent next() {
        synchronized (lock) {
            return dedupe == null ? null : dedupe.next();
        }
    }

    private void end(@Nullable Throwable error, boolean isLast) {
        if (error != null) {
            if (close()) {
                actual.onError(error);
            }
        } else if (isLast && isDry() && close()) {
            actual.onComplete();
        }
    }

    private boolean isDry() {
        synchronized (lock) {
            return dedupe == null || dedupe.isEmpty();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        } else if (key == Attr.CANCELLED) {
            return over;
        } else if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        } else if (key == Attr.BUFFERED) {
            return waiting();
        } else if (key == Attr.ERROR) {
            return failure;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
