package io.headgate.benchmarks;

import io.headgate.http.HttpReply;
import org.openjdk.jmh.infra.Blackhole;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** Gives all that it is told to the blackhole. */
record Sink(Blackhole blackhole) implements CoreSubscriber<HttpReply> {

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(HttpReply value) {
        blackhole.consume(value);
    }

    @Override
    public void onError(Throwable error) {
        blackhole.consume(error);
    }

    @Override
    public void onComplete() {
        // the value came before
    }
}
