package io.headgate.concurrency;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.TestExchange;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A caller that keeps what it gets, and goes away when told. */
final class Held implements CoreSubscriber<HttpReply> {

    HttpReply reply;
    Throwable error;
    private Subscription subscription;

    static Held call(Service<HttpExchange, HttpReply> service) {
        return call(service, TestExchange.get("/"));
    }

    static Held call(Service<HttpExchange, HttpReply> service, HttpExchange exchange) {
        Held caller = new Held();
        service.call(exchange).subscribe(caller);
        return caller;
    }

    void cancel() {
        subscription.cancel();
    }

    @Override
    public Context currentContext() {
        return Operators.enableOnDiscard(Context.empty(), dropped -> ((HttpReply) dropped).discard());
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(HttpReply given) {
        reply = given;
    }

    @Override
    public void onError(Throwable failure) {
        error = failure;
    }

    @Override
    public void onComplete() {
        // the reply has come
    }
}
