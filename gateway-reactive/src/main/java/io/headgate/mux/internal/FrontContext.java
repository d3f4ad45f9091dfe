package io.headgate.mux.internal;

import io.headgate.Service;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.ErrorResponder;
import io.headgate.mux.MuxSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections of a listener on one event loop share. */
public record FrontContext(
        Loop loop,
        Fronts fronts,
        Service<HttpExchange, HttpReply> service,
        ErrorResponder responder,
        ExchangeObserver.Factory observers,
        MuxSettings settings) {

    private static final Logger LOG = LoggerFactory.getLogger(FrontContext.class);

    /** What a client is told of a failure. */
    HttpReply answer(Throwable error, HttpExchange exchange) {
        try {
            return responder.respond(error, exchange.head());
        } catch (RuntimeException e) {
            LOG.error("error responder failed for {}", exchange, e);
            return HttpReply.of(500);
        }
    }
}
