package io.headgate.resolve;

import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** Keeps what it is told, and forgets it when it is read. */
final class Watcher extends BaseSubscriber<Update<Endpoint>> {

    private final List<Update<Endpoint>> told = new ArrayList<>();
    private final long demand;
    private Throwable error;

    private Watcher(long demand) {
        this.demand = demand;
    }

    static Watcher of(Publisher<Update<Endpoint>> updates) {
        return of(updates, Long.MAX_VALUE);
    }

    static Watcher of(Publisher<Update<Endpoint>> updates, long demand) {
        Watcher watcher = new Watcher(demand);
        updates.subscribe(watcher);
        return watcher;
    }

    List<Update<Endpoint>> told() {
        List<Update<Endpoint>> copy = List.copyOf(told);
        told.clear();
        return copy;
    }

    Throwable error() {
        return error;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        if (demand > 0) {
            subscription.request(demand);
        }
    }

    @Override
    protected void hookOnNext(Update<Endpoint> update) {
        told.add(update);
    }

    @Override
    protected void hookOnError(Throwable failure) {
        error = failure;
    }
}
