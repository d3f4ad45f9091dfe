package io.headgate.rpc.endpoint;

import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** A source that does not hear of a cancellation in time. */
record Deaf<T>(Subscriber<? super T> actual) implements CoreSubscriber<T> {

    @Override
    public void onSubscribe(Subscription subscription) {
        actual.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                subscription.request(n);
            }

            @Override
            public void cancel() {
                // not heard
            }
        });
    }

    @Override
    public void onNext(T value) {
        actual.onNext(value);
    }

    @Override
    public void onError(Throwable error) {
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        actual.onComplete();
    }
}
