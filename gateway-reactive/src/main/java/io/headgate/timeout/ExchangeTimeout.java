package io.headgate.timeout;

import io.headgate.Deadline;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * Bounds a whole exchange: from the start of a request to the last byte of its reply. The exchange gets the
 * {@linkplain HttpExchange#deadline deadline} that is the earlier of this and the one that it has, so that retries, upstreams and, with
 * gRPC or {@link DeadlineField}, the next hop keep it as well. What takes longer fails with {@link TimedOutException} or
 * {@link io.headgate.mux.DeadlineException}, both answered with 504; a reply that has begun is cut.
 *
 * <p>A reply that goes from socket to socket still does: its upstream looks after the deadline. Every other body is cut by a timer.
 * Tunnels pass untouched.
 *
 * <p><b>Threading.</b> Any; a timeout comes on a thread of the timer, or on the event loop of the upstream. Immutable.
 */
public final class ExchangeTimeout implements Stage<HttpExchange, HttpReply> {

    private final Duration limit;
    private final CoarseTimer timer;

    private ExchangeTimeout(Duration limit, CoarseTimer timer) {
        this.limit = limit;
        this.timer = timer;
    }

    /**
     * A limit with a timer of its own.
     *
     * @param limit to the last byte of the reply, more than zero
     * @return the stage
     */
    public static ExchangeTimeout of(Duration limit) {
        return new ExchangeTimeout(Nanos.positive("limit", limit), CoarseTimer.create());
    }

    /**
     * A copy with another timer.
     *
     * @param changed the timer; better shared than not
     * @return the copy
     */
    public ExchangeTimeout withTimer(CoarseTimer changed) {
        return new ExchangeTimeout(limit, changed);
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("exchange-timeout", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return exchange.head().wantsTunnel() ? next.call(exchange) : new Limited(exchange, next);
            }
        };
    }

    private final class Limited extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Service<HttpExchange, HttpReply> next;

        Limited(HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
            this.exchange = exchange;
            this.next = next;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            HttpExchange limited = exchange.withDeadline(Deadline.after(limit));
            next.call(limited).subscribe(new TimedCall(actual, timer, limit, limited.deadline()));
        }
    }
}
