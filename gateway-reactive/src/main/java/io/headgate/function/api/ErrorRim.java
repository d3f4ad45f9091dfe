package io.headgate.function.api;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.function.http.ErrorReplies;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** Makes replies of failures, thrown or signalled, and of no reply at all. */
final class ErrorRim implements Stage<HttpExchange, HttpReply> {

    static final ErrorRim INSTANCE = new ErrorRim();

    private ErrorRim() {}

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("errors", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return Mono.defer(() -> next.call(exchange))
                        .switchIfEmpty(Mono.error(() -> new IllegalStateException("reply: none (expected: one)")))
                        .onErrorResume(error -> {
                            exchange.body().discard();
                            return Mono.just(ErrorReplies.of(error, exchange.head()));
                        });
            }
        };
    }
}
