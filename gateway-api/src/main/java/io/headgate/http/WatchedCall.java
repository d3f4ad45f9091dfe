package io.headgate.http;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A call that tells a watch how it passes. */
final class WatchedCall extends Mono<HttpReply> {

    private final Mono<HttpReply> call;
    private final CallWatch watch;

    WatchedCall(Mono<HttpReply> call, CallWatch watch) {
        this.call = call;
        this.watch = watch;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        call.subscribe(new Watching(actual, watch));
    }

    /** A call whose watch is made when it is subscribed, so that each subscription has its own. */
    static final class Asked extends Mono<HttpReply> {

        private final Mono<HttpReply> call;
        private final HttpExchange exchange;
        private final Function<HttpExchange, ? extends @Nullable CallWatch> factory;

        Asked(
                Mono<HttpReply> call,
                HttpExchange exchange,
                Function<HttpExchange, ? extends @Nullable CallWatch> factory) {
            this.call = call;
            this.exchange = exchange;
            this.factory = factory;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            CallWatch watch = factory.apply(exchange);
            call.subscribe(watch == null ? actual : new Watching(actual, watch));
        }
    }

    private static final class Watching implements CoreSubscriber<HttpReply>, Subscription, Scannable {

        private static final AtomicIntegerFieldUpdater<Watching> TOLD =
                AtomicIntegerFieldUpdater.newUpdater(Watching.class, "told");

        private final CoreSubscriber<? super HttpReply> actual;
        private final CallWatch watch;
        private volatile int told; // of the reply or of an end without one
        private @Nullable Subscription upstream;

        Watching(CoreSubscriber<? super HttpReply> actual, CallWatch watch) {
            this.actual = actual;
            this.watch = watch;
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
            }
        }

        @Override
        public void onNext(HttpReply reply) {
            if (TOLD.compareAndSet(this, 0, 1)) {
                watch.onReply(reply.head());
                actual.onNext(reply.watched(watch));
            } else {
                actual.onNext(reply); // cancelled before: whoever cancelled discards it
            }
        }

        @Override
        public void onError(Throwable error) {
            if (TOLD.compareAndSet(this, 0, 1)) {
                watch.onFailure(error);
            }
            actual.onError(error);
        }

        @Override
        public void onComplete() {
            if (TOLD.compareAndSet(this, 0, 1)) {
                watch.onCancel(); // no reply at all: nobody has anything to judge
            }
            actual.onComplete();
        }

        @Override
        public void request(long n) {
            if (upstream != null) {
                upstream.request(n);
            }
        }

        @Override
        public void cancel() {
            if (upstream != null) {
                upstream.cancel();
            }
            if (TOLD.compareAndSet(this, 0, 1)) {
                watch.onCancel();
            }
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            if (key == Attr.PARENT) {
                return upstream;
            }
            return key == Attr.ACTUAL ? actual : null;
        }
    }
}
