package io.headgate.mux.internal;

import io.headgate.Service;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.ErrorResponder;
import io.headgate.mux.MuxSettings;

/** What all connections of a listener on one event loop share. */
public record FrontContext(
        Loop loop,
        Fronts fronts,
        Service<HttpExchange, HttpReply> service,
        ErrorResponder responder,
        ExchangeObserver.Factory observers,
        MuxSettings settings) {}
