package io.headgate.tracing;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** Observes calls as attempts. */
record AttemptStage(AttemptSpans spans) implements Stage<HttpExchange, HttpReply> {

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("trace-attempts", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                boolean decided = ExchangeNotes.isObserved(exchange); // at the rim, where the notes were made
                return decided && ExchangeNotes.of(exchange, Tracing.KEY) == null
                        ? next.call(exchange)
                        : new AttemptCall(spans, next, exchange);
            }
        };
    }
}
