package io.headgate.function.api;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** Keeps caches from keeping replies that do not say otherwise: configurations and results may have secrets in them. */
final class NotCached implements Stage<HttpExchange, HttpReply> {

    static final NotCached INSTANCE = new NotCached();

    private static final String CACHE_CONTROL = "cache-control";

    private NotCached() {}

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("not-cached", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return next.call(exchange).map(NotCached::marked);
            }
        };
    }

    private static HttpReply marked(HttpReply reply) {
        return reply.fields().contains(CACHE_CONTROL)
                ? reply
                : reply.withFields(reply.fields().with(CACHE_CONTROL, "no-store"));
    }
}
