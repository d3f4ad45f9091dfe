package io.headgate.mux.internal;

import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An observer whose failures hurt nobody. */
record GuardedObserver(ExchangeObserver observer, HttpExchange exchange) implements ExchangeObserver {

    private static final Logger LOG = LoggerFactory.getLogger(GuardedObserver.class);

    static @Nullable GuardedObserver observe(ExchangeObserver.Factory factory, HttpExchange exchange) {
        try {
            ExchangeObserver observer = factory.observe(exchange);
            return observer == null ? null : new GuardedObserver(observer, exchange);
        } catch (RuntimeException e) {
            LOG.error("observer factory failed for {}", exchange, e);
            return null;
        }
    }

    @Override
    public void onRequestData(int bytes) {
        try {
            observer.onRequestData(bytes);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void onRequestEnd() {
        try {
            observer.onRequestEnd();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void onReplyHead(ReplyHead head) {
        try {
            observer.onReplyHead(head);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void onReplyData(int bytes) {
        try {
            observer.onReplyData(bytes);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void onReplyTrailers(Fields trailers) {
        try {
            observer.onReplyTrailers(trailers);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void onEnd(Outcome outcome, @Nullable Throwable cause) {
        try {
            observer.onEnd(outcome, cause);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void failed(RuntimeException e) {
        LOG.error("observer of {} failed", exchange, e);
    }
}
