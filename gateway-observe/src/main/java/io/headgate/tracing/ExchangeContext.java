package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.micrometer.observation.transport.Propagator;
import io.micrometer.observation.transport.RequestReplyReceiverContext;
import org.jspecify.annotations.Nullable;

/**
 * The server observation of an exchange: its carrier is the head of the request, its response the head of the reply, when there
 * was one. What is known only when the exchange is over is null before; a convention is asked at both times.
 */
public final class ExchangeContext extends RequestReplyReceiverContext<RequestHead, ReplyHead> {

    private final HttpExchange exchange;
    private @Nullable ExchangeRecord record;
    private @Nullable Classification verdict;

    ExchangeContext(HttpExchange exchange, Propagator.Getter<RequestHead> getter) {
        super(getter);
        this.exchange = exchange;
        setCarrier(exchange.head());
    }

    void end(ExchangeRecord whole, Classification what) {
        record = whole;
        verdict = what;
        if (whole.reply() != null) {
            setResponse(whole.reply());
        }
    }

    /**
     * The exchange as it came in.
     *
     * @return to be looked at only
     */
    public HttpExchange exchange() {
        return exchange;
    }

    /**
     * The exchange when it is over: outcome, notes, bytes, times.
     *
     * @return the record, or null while the exchange runs
     */
    public @Nullable ExchangeRecord record() {
        return record;
    }

    /**
     * What the exchange came to, by the classifier of its route.
     *
     * @return the verdict, or null while the exchange runs
     */
    public @Nullable Classification classification() {
        return verdict;
    }
}
