package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;

/**
 * A <i>state stream</i> of a cache: the picture at subscription, then each crumb, on a worker of its own. The chain of crumbs is the
 * buffer, so a subscriber without demand keeps what it was not told. Completes when the cache is disposed.
 */
final class CrumbFlux extends Flux<SyncEvent> {

    private final CrumbCache cache;
    private final Scheduler scheduler;
    private final CrumbSettings settings;

    CrumbFlux(CrumbCache cache, Scheduler scheduler, CrumbSettings settings) {
        this.cache = cache;
        this.scheduler = scheduler;
        this.settings = settings;
    }

    @Override
    public void subscribe(CoreSubscriber<? super SyncEvent> actual) {
        Scheduler.Worker worker;
        try {
            worker = scheduler.createWorker();
        } catch (RejectedExecutionException e) {
            Operators.error(actual, e);
            return;
        }
        CrumbSubscription subscription = new CrumbSubscription(actual, cache, worker, settings);
        actual.onSubscribe(subscription);
        subscription.listen();
    }

    private static final class CrumbSubscription implements Subscription, Scannable {

        private static final AtomicLongFieldUpdater<CrumbSubscription> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(CrumbSubscription.class, "requested");
        private static final AtomicIntegerFieldUpdater<CrumbSubscription> WORK =
                AtomicIntegerFieldUpdater.newUpdater(CrumbSubscription.class, "work");

        private final CoreSubscriber<? super SyncEvent> actual;
        private final CrumbCache cache;
        private final Scheduler.Worker worker;
        private final CrumbSettings settings;
        private final Disposable.Swap listening = Disposables.swap();
        private volatile long requested;
        private volatile int work;
        private volatile boolean over;

        // Of the worker.
        private @Nullable Iterator<SyncUpdate> rest;
        private @Nullable Crumb at;
        private SyncStatus told = SyncStatus.WAIT_FOR_DATASTORE;
        private @Nullable Instant heard;

        CrumbSubscription(
                CoreSubscriber<? super SyncEvent> actual,
                CrumbCache cache,
                Scheduler.Worker worker,
                CrumbSettings settings) {
            this.actual = actual;
            this.cache = cache;
            this.worker = worker;
            this.settings = settings;
        }

        void listen() {
            listening.update(cache.onNews(this::work));
            if (over) {
                listening.dispose();
            } else {
                work();
            }
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                work();
            }
        }

        @Override
        public void cancel() {
            over = true;
            listening.dispose();
            worker.dispose();
        }

        private void work() {
            if (!over && WORK.getAndIncrement(this) == 0) {
                try {
                    worker.schedule(this::drain);
                } catch (RejectedExecutionException e) {
                    end(over ? null : e);
                }
            }
        }

        private void drain() {
            int seen = work;
            do {
                long asked = requested;
                long count = 0;
                boolean last = cache.isDisposed();
                SyncEvent event = null;
                while (!over && count < asked && (event = next()) != null) {
                    tell(event);
                    count++;
                }
                Operators.produced(REQUESTED, this, count);
                if (last && event == null && (at == null || at.next() == null)) {
                    end(null);
                }
                seen = WORK.addAndGet(this, -seen);
            } while (seen != 0);
        }

        private void tell(SyncEvent event) {
            try {
                actual.onNext(event);
            } catch (Throwable e) { // against the rules, and no reason to stop anybody else
                Exceptions.throwIfJvmFatal(e);
                end(e);
            }
        }

        private @Nullable SyncEvent next() {
            Crumb crumb = at;
            if (crumb == null) {
                Picture picture = cache.newest();
                rest = picture.entries().values().iterator();
                at = crumb = picture.crumb();
            }
            if (rest != null && rest.hasNext()) {
                return new SyncEvent.Updates(Portion.next(rest, settings.snapshotChunk(), settings.frameBytes()));
            }
            rest = null;
            if (crumb.status() != told) {
                told = crumb.status();
                return new SyncEvent.Status(told);
            }
            return news(crumb);
        }

        private @Nullable SyncEvent news(Crumb crumb) {
            Instant contact = cache.heard(); // before the look at the chain: everything until then is in it
            Crumb after = crumb.next();
            if (after != null) {
                at = after;
                if (!after.deltas().isEmpty()) {
                    return new SyncEvent.Updates(after.deltas());
                }
                told = after.status();
                return new SyncEvent.Status(told);
            }
            if (contact != null && !contact.equals(heard)) {
                heard = contact;
                return new SyncEvent.Heard(contact);
            }
            return null;
        }

        private void end(@Nullable Throwable failure) {
            if (!over) {
                cancel();
                if (failure == null) {
                    actual.onComplete();
                } else {
                    actual.onError(failure);
                }
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
            }
            return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
        }
    }
}
