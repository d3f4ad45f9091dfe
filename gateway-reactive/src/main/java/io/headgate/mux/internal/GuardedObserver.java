package io.headgate.mux.internal;

import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/** An observer whose failures, whatever it throws, hurt nobody. */
record GuardedObserver(ExchangeObserver observer, @Nullable HttpExchange exchange) implements ExchangeObserver {

    private static final Logger LOG = LoggerFactory.getLogger(GuardedObserver.class);

    /** Of an exchange that nobody observes. */
    static final GuardedObserver NONE = new GuardedObserver(new ExchangeObserver() {}, null);

    static GuardedObserver of(ExchangeObserver.Factory factory, HttpExchange exchange) {
        try {
            ExchangeObserver observer = factory.observe(exchange);
            return observer == null ? NONE : new GuardedObserver(observer, exchange);
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            LOG.error("observer factory failed for {}", exchange, e);
            return NONE;
        }
    }

    @Override
    public void onRequestData(int bytes) {
        try {
            observer.onRequestData(bytes);
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    public void onRequestEnd() {
        try {
            observer.onRequestEnd();
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    public void onReplyHead(ReplyHead head) {
        try {
            observer.onReplyHead(head);
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    public void onReplyData(int bytes) {
        try {
            observer.onReplyData(bytes);
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    public void onReplyTrailers(Fields trailers) {
        try {
            observer.onReplyTrailers(trailers);
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    public void onEnd(Outcome outcome, @Nullable Throwable cause) {
        try {
            observer.onEnd(outcome, cause);
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        Exceptions.throwIfJvmFatal(e);
        LOG.error("observer of {} failed", exchange, e);
    }
}
