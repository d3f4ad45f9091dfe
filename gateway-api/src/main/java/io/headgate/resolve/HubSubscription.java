package io.headgate.resolve;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** One subscriber of a name. It is told within the work of its hub only; what it has no demand for waits in its outbox. */
final class HubSubscription implements Subscription, Scannable {

    private static final AtomicLongFieldUpdater<HubSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(HubSubscription.class, "requested");

    private final CoreSubscriber<? super Update<Endpoint>> actual;
    private final Outbox outbox = new Outbox();

    private volatile long requested;
    private volatile boolean cancelled;
    private volatile @Nullable Hub hub;

    HubSubscription(CoreSubscriber<? super Update<Endpoint>> actual) {
        this.actual = actual;
    }

    void attach(Hub to) {
        hub = to;
    }

    boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void request(long count) {
        if (Operators.validate(count)) {
            Operators.addCap(REQUESTED, this, count);
            Hub home = hub;
            if (home != null) {
                home.run(() -> tell(home.set()));
            }
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        Hub home = hub;
        if (home != null) {
            home.run(() -> home.leave(this));
        }
    }

    /** Tells what waits, as far as there is demand. */
    void tell(EndpointSet set) {
        while (requested != 0 && !cancelled) {
            Update<Endpoint> update = outbox.next(set);
            if (update == null) {
                return;
            }
            pass(update);
        }
    }

    /** Tells what has just changed, at once where the subscriber knows all the rest. */
    void tell(Delta delta, List<Update<Endpoint>> news, EndpointSet set) {
        if (outbox.isEmpty(delta.before) && requested >= news.size()) {
            outbox.skip(set.presence());
            for (int i = 0; i < news.size() && !cancelled; i++) {
                pass(news.get(i));
            }
        } else {
            outbox.add(delta);
            tell(set);
        }
    }

    private void pass(Update<Endpoint> update) {
        if (requested != Long.MAX_VALUE) {
            REQUESTED.decrementAndGet(this);
        }
        try {
            actual.onNext(update);
        } catch (Throwable broken) { // against the rules, and no reason to keep anything from the others
            Exceptions.throwIfJvmFatal(broken);
            cancel();
            actual.onError(broken);
        }
    }

    void fail(Throwable error) {
        if (!cancelled) {
            cancelled = true;
            actual.onError(error);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        } else if (key == Attr.CANCELLED) {
            return cancelled;
        } else if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        } else if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.ASYNC;
        }
        return null;
    }
}
