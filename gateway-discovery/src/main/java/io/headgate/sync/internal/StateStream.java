package io.headgate.sync.internal;

import io.headgate.FlowOperator;
import io.headgate.sync.SyncEvent;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/**
 * A <i>state stream</i> of {@link SyncEvent}s that keeps up with its source, however slow its subscriber is: each subscriber has an
 * {@link Outlet} of its own, which folds what waits.
 *
 * <p><b>Cancellation.</b> Disposes of what the source has given, once, and what waits is let go.
 */
public final class StateStream extends Flux<SyncEvent> {

    private final Function<? super Outlet, ? extends Disposable> source;

    private StateStream(Function<? super Outlet, ? extends Disposable> source) {
        this.source = source;
    }

    /**
     * A stream that is put in by hand.
     *
     * @param source begins to put into an outlet, for each subscriber, and says what ends that, which must bear being told twice; what it
     *     throws fails the stream
     */
    public static StateStream of(Function<? super Outlet, ? extends Disposable> source) {
        return new StateStream(source);
    }

    /** Folds a stream for slow subscribers. The source is asked for everything at once; its errors are passed on. */
    public static FlowOperator<SyncEvent, SyncEvent> conflate() {
        return source -> of(outlet -> {
            Inlet inlet = new Inlet(outlet);
            outlet.feed(inlet); // before there is anything to cancel it for
            source.subscribe(inlet);
            return inlet;
        });
    }

    @Override
    public void subscribe(CoreSubscriber<? super SyncEvent> actual) {
        Outlet outlet = new Outlet(actual);
        actual.onSubscribe(outlet);
        if (outlet.isOver()) {
            return;
        }
        try {
            outlet.feed(source.apply(outlet));
            outlet.tell();
        } catch (RuntimeException broken) {
            outlet.fail(broken);
        }
    }

    /** What the source of {@link #conflate} is told to. */
    private static final class Inlet extends BaseSubscriber<SyncEvent> {

        private final Outlet outlet;

        Inlet(Outlet outlet) {
            this.outlet = outlet;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            requestUnbounded();
        }

        @Override
        protected void hookOnNext(SyncEvent event) {
            outlet.take(event);
        }

        @Override
        protected void hookOnError(Throwable error) {
            outlet.fail(error);
        }

        @Override
        protected void hookOnComplete() {
            outlet.complete();
        }

        @Override
        public Context currentContext() {
            return outlet.context();
        }
    }
}
