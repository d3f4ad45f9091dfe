package io.headgate.metrics;

import io.headgate.function.async.CallStore;
import io.headgate.function.async.CallStore.Backlog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * What a store of calls has said last. Who reads does not wait for the store: it is asked for the next reader, when it was not asked a
 * moment ago. A store that is away leaves the last figures.
 */
final class FunctionBacklog implements Supplier<Backlog>, Disposable {

    /** Counting may cost a database a look at many rows. */
    static final long BETWEEN = TimeUnit.SECONDS.toNanos(5);

    private static final Logger LOG = LoggerFactory.getLogger(FunctionBacklog.class);

    private final CallStore store;
    private final LongSupplier clock;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Disposable.Swap work = Disposables.swap();
    private volatile Backlog last = new Backlog(0, 0, 0, null);
    private volatile long next;
    private volatile boolean failing;

    FunctionBacklog(CallStore store, LongSupplier clock) {
        this.store = store;
        this.clock = clock;
        this.next = clock.getAsLong();
    }

    @Override
    public Backlog get() {
        if (clock.getAsLong() - next >= 0 && !work.isDisposed() && asking.compareAndSet(false, true)) {
            next = clock.getAsLong() + BETWEEN;
            work.update(store.backlog().doFinally(end -> asking.set(false)).subscribe(this::told, this::failed));
        }
        return last;
    }

    private void told(Backlog backlog) {
        last = backlog;
        failing = false;
    }

    private void failed(Throwable error) {
        if (!failing) {
            failing = true;
            LOG.warn("calls that are to be done cannot be counted, the last figures stay", error);
        }
    }

    @Override
    public void dispose() {
        work.dispose();
    }

    @Override
    public boolean isDisposed() {
        return work.isDisposed();
    }
}
