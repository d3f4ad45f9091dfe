package io.headgate.tap;

import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** Breaks the rule that subscribers do not throw. */
final class ThrowingObserver implements CoreSubscriber<TapEvent> {

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(TapEvent event) {
        throw new IllegalStateException("thrown by an observer");
    }

    @Override
    public void onError(Throwable error) {
        // it has had its turn
    }

    @Override
    public void onComplete() {
        // never
    }
}
