package io.headgate.test;

import io.headgate.http.HttpReply;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A reply that costs nothing: what is allocated around it was allocated by somebody else. */
final class Constant extends Mono<HttpReply> implements Subscription {

    static final Constant INSTANCE = new Constant();

    static final Ignoring SUBSCRIBER = new Ignoring();

    private static final HttpReply REPLY = HttpReply.of(204);

    private Constant() {}

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        actual.onSubscribe(this);
        actual.onNext(REPLY);
        actual.onComplete();
    }

    @Override
    public void request(long n) {
        // the subscriber is known to ask for everything at once
    }

    @Override
    public void cancel() {
        // nothing is held
    }

    /** Asks for everything and looks at nothing. */
    static final class Ignoring implements CoreSubscriber<HttpReply> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpReply reply) {
            reply.discard();
        }

        @Override
        public void onError(Throwable error) {
            throw new AssertionError("error (expected: a reply)", error);
        }

        @Override
        public void onComplete() {
            // a Mono says nothing new here
        }
    }
}
