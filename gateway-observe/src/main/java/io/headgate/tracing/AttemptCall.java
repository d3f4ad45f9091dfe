package io.headgate.tracing;

import io.headgate.Service;
import io.headgate.http.CallWatch;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** A call whose parent is known when it is subscribed. */
final class AttemptCall extends Mono<HttpReply> {

    private final AttemptSpans spans;
    private final Service<HttpExchange, HttpReply> next;
    private final HttpExchange exchange;

    AttemptCall(AttemptSpans spans, Service<HttpExchange, HttpReply> next, HttpExchange exchange) {
        this.spans = spans;
        this.next = next;
        this.exchange = exchange;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        Observation parent = parent(actual.currentContext());
        AttemptSpan span = parent == null ? null : spans.begin(exchange, parent);
        Mono<HttpReply> call;
        try {
            call = next.call(span == null ? exchange : span.exchange());
        } catch (RuntimeException e) {
            if (span != null) {
                span.onFailure(e);
            }
            Operators.error(actual, e);
            return;
        }
        if (span == null) {
            call.subscribe(actual);
        } else {
            CallWatch.watch(call, span)
                    .contextWrite(Context.of(ObservationThreadLocalAccessor.KEY, span.observation()))
                    .subscribe(actual);
        }
    }

    /** The nearest one: what user code has begun above, else that of the exchange. */
    private @Nullable Observation parent(ContextView context) {
        Observation near = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
        Observation parent = near == null ? ExchangeNotes.of(exchange, Tracing.KEY) : near;
        return parent == null || parent.isNoop() ? null : parent;
    }
}
