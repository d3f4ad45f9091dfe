package io.headgate.tap;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A call at a time when somebody observes: offered to them when it is subscribed. */
final class TappedCall extends Mono<HttpReply> {

    private final Tap tap;
    private final TapSite site;
    private final Service<HttpExchange, HttpReply> next;
    private final HttpExchange exchange;

    TappedCall(Tap tap, TapSite site, Service<HttpExchange, HttpReply> next, HttpExchange exchange) {
        this.tap = tap;
        this.site = site;
        this.next = next;
        this.exchange = exchange;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        TappedExchange taken = tap.take(site, exchange);
        if (taken == null) {
            next.call(exchange).subscribe(actual);
            return;
        }
        try {
            taken.call(next).subscribe(actual);
        } catch (RuntimeException | Error e) {
            taken.onFailure(e); // the caller sees what it would have seen, and who observes an end
            throw e;
        }
    }
}
