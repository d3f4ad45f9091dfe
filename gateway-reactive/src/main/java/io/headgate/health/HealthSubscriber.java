package io.headgate.health;

import io.headgate.health.HealthBoard.Entry;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One resolution that is checked. All that happens - updates, findings, timers, demand, cancellation - waits in one queue, and whoever
 * finds nobody at work works it off: so the board and the checks need no locks.
 */
final class HealthSubscriber implements CoreSubscriber<Update<Endpoint>>, Subscription, Scannable {

    private static final AtomicLongFieldUpdater<HealthSubscriber> DEMAND =
            AtomicLongFieldUpdater.newUpdater(HealthSubscriber.class, "demand");

    private final CoreSubscriber<? super Update<Endpoint>> actual;
    private final Queue<Runnable> events =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final AtomicInteger work = new AtomicInteger();
    private final HealthBoard board;
    private final Rounds rounds;
    private volatile long demand;
    private volatile boolean cancelled;
    private volatile @Nullable Subscription upstream;
    private @Nullable Throwable failure;
    private boolean done;

    HealthSubscriber(CoreSubscriber<? super Update<Endpoint>> actual, String name, HealthChecks checks) {
        this.actual = actual;
        this.rounds = new Rounds(checks, this::post, (entry, health) -> found(checks.observer(), name, entry, health));
        this.board = new HealthBoard(
                checks.rules(), rounds, panic -> checks.observer().onPanic(name, panic));
    }

    private void found(HealthObserver observer, String name, Entry entry, Health health) {
        if (board.found(entry, health.isHealthy())) {
            observer.onChange(name, entry.endpoint(), health);
        }
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
            subscription.request(Long.MAX_VALUE); // updates are put together here
        }
    }

    @Override
    public void onNext(Update<Endpoint> update) {
        post(() -> board.apply(update));
    }

    @Override
    public void onError(Throwable error) {
        post(() -> failure = error);
    }

    @Override
    public void onComplete() {
        // what it has told stays, and goes on being checked
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(DEMAND, this, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        Subscription source = upstream;
        if (source != null) {
            source.cancel();
        }
        drain();
    }

    private void post(Runnable event) {
        events.add(event);
        drain();
    }

    private void drain() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        while (missed != 0) {
            workOff();
            missed = work.addAndGet(-missed);
        }
    }

    private void workOff() {
        for (Runnable event = events.poll(); event != null; event = events.poll()) {
            if (!done && !cancelled) {
                event.run();
            }
        }
        if (cancelled || done) {
            rounds.stop();
            return;
        }
        if (failure != null) {
            done = true;
            rounds.stop();
            actual.onError(failure);
            return;
        }
        rounds.begin();
        tell();
    }

    private void tell() {
        while (demand > 0 && !cancelled) {
            Update<Endpoint> update = board.next();
            if (update == null) {
                return;
            }
            Operators.produced(DEMAND, this, 1);
            actual.onNext(update);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return demand;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        return key == Attr.TERMINATED ? done : null;
    }
}
