package io.headgate.gateway;

import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.internal.BackExchange;
import io.headgate.mux.internal.FrontInfo;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Target;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** One exchange with a target, on the event loop of its client if that is one of ours. */
final class UpstreamCall extends Mono<HttpReply> {

    private final Target target;
    private final EventLoops loops;
    private final HttpExchange exchange;

    UpstreamCall(Target target, EventLoops loops, HttpExchange exchange) {
        this.target = target;
        this.loops = loops;
        this.exchange = exchange;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        actual.onSubscribe(new BackExchange(target, loop(), exchange, actual));
    }

    private Loop loop() {
        return exchange.connection() instanceof FrontInfo front && loops.owns(front.loop())
                ? front.loop()
                : loops.any();
    }
}
