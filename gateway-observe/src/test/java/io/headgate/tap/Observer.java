package io.headgate.tap;

import io.headgate.tap.TapEvent.OfExchange;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Sinks;

/** Keeps what it is told, and asks for as much as it is told to. */
final class Observer extends BaseSubscriber<TapEvent> {

    private final long demand;
    private final long limit;
    private final List<TapEvent> events = new ArrayList<>(); // guarded by itself
    private volatile boolean completed;
    private volatile Throwable error;
    private final Sinks.Empty<Void> over = Sinks.empty();

    private Observer(long demand, long limit) {
        this.demand = demand;
        this.limit = limit;
    }

    /** One that is as fast as can be. */
    static Observer of(Tap tap, TapRequest request) {
        return of(tap, request, Long.MAX_VALUE);
    }

    static Observer of(Tap tap, TapRequest request, long demand) {
        Observer observer = new Observer(demand, request.limit());
        tap.observe(request).subscribe(observer);
        return observer;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        if (demand > 0) {
            subscription.request(demand);
        }
    }

    @Override
    protected void hookOnNext(TapEvent event) {
        synchronized (events) {
            events.add(event);
        }
    }

    @Override
    protected void hookOnComplete() {
        completed = true;
        over.tryEmitEmpty();
    }

    @Override
    protected void hookOnError(Throwable failure) {
        error = failure;
        over.tryEmitEmpty();
    }

    void whenOver(Runnable action) {
        over.asMono().doFinally(signal -> action.run()).subscribe();
    }

    long limit() {
        return limit;
    }

    boolean isCompleted() {
        return completed;
    }

    Throwable error() {
        return error;
    }

    List<TapEvent> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    <E extends TapEvent> List<E> events(Class<E> type) {
        return events().stream().filter(type::isInstance).map(type::cast).toList();
    }

    <E extends TapEvent> E only(Class<E> type) {
        List<E> found = events(type);
        if (found.size() != 1) {
            throw new AssertionError(type.getSimpleName() + "s: " + found + " (expected: one)");
        }
        return found.get(0);
    }

    /** The numbers of the exchanges of which an event of some kind was told, in order. */
    List<Long> streams(Class<? extends OfExchange> type) {
        return events(type).stream().map(event -> event.id().stream()).toList();
    }
}
