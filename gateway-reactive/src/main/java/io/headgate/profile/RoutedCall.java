package io.headgate.profile;

import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Chooses its route when it is subscribed, and stays on it whatever the next profile says. */
final class RoutedCall extends Mono<HttpReply> {

    private final ProfileRouter router;
    private final HttpExchange exchange;

    RoutedCall(ProfileRouter router, HttpExchange exchange) {
        this.router = router;
        this.exchange = exchange;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        RouteEntry entry = router.take(exchange.head());
        entry.service.call(entry.mark(exchange)).subscribe(actual);
    }
}
