package io.headgate.metrics;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** The service of an endpoint whose calls are measured; holds the series of the endpoint until it is closed or forgotten. */
final class HttpAttempts extends Layer<HttpExchange, HttpReply> {

    private final Endpoint endpoint;
    private final Service<HttpExchange, HttpReply> watched;
    private final HttpTargets.Hold hold;

    HttpAttempts(HttpTargets targets, Endpoint endpoint, Service<HttpExchange, HttpReply> next) {
        super("metrics", next);
        this.endpoint = endpoint;
        this.hold = targets.hold(this, new HttpTarget.Client(endpoint));
        this.watched = CallWatch.stage(this::watch).wrap(next);
    }

    private CallWatch watch(HttpExchange exchange) {
        return new HttpCallWatch(hold.series().requests(HttpRequestTraits.ofClient(exchange, endpoint)), exchange);
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return watched.call(exchange);
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return super.closeAsync(grace).doFinally(closed -> hold.release());
    }
}
