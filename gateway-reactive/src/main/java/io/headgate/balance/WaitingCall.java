package io.headgate.balance;

import io.headgate.balance.internal.WaitLine.Place;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A call that waits for an endpoint, and is passed through afterwards. */
final class WaitingCall extends Operators.DeferredSubscription implements CoreSubscriber<HttpReply> {

    private final Balancer balancer;
    private final HttpExchange exchange;
    private final CoreSubscriber<? super HttpReply> actual;
    private final Place<WaitingCall> place = new Place<>(this);

    WaitingCall(Balancer balancer, HttpExchange exchange, CoreSubscriber<? super HttpReply> actual) {
        this.balancer = balancer;
        this.exchange = exchange;
        this.actual = actual;
    }

    Place<WaitingCall> place() {
        return place;
    }

    HttpExchange exchange() {
        return exchange;
    }

    boolean isGone() {
        return isCancelled();
    }

    boolean isLate() {
        return !exchange.deadline().isNone() && exchange.deadline().isExpired();
    }

    /** Ends the wait without an endpoint; only by whoever has taken the call out of the line. */
    void fail(Throwable cause) {
        exchange.body().discard();
        actual.onError(cause);
    }

    @Override
    public void cancel() {
        super.cancel();
        if (balancer.leaveLine(this)) {
            exchange.body().discard();
        }
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        set(subscription);
    }

    @Override
    public void onNext(HttpReply reply) {
        actual.onNext(reply);
    }

    @Override
    public void onError(Throwable error) {
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        actual.onComplete();
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.ACTUAL ? actual : super.scanUnsafe(key);
    }
}
