package io.headgate.tracing;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** Writes the observation of an exchange into the Reactor context. */
enum ContextStage implements Stage<HttpExchange, HttpReply> {
    INSTANCE;

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("trace-context", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                Observation observation = ExchangeNotes.of(exchange, Tracing.KEY);
                return observation == null
                        ? next.call(exchange)
                        : next.call(exchange).contextWrite(Context.of(ObservationThreadLocalAccessor.KEY, observation));
            }
        };
    }
}
