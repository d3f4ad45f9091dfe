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
 * Bounds the wait for a reply: from the start of a request to the head of its reply, all that stages below do in that time
 * included. Above retries it bounds all attempts together. What takes longer is cancelled and fails with
 * {@link TimedOutException}: 504, or gRPC status DEADLINE_EXCEEDED. The body of the reply may take as long as it likes; see
 * {@link ExchangeTimeout} for that. Tunnels are bounded like all else: by the time they take to open.
 *
 * <p><b>Threading.</b> Any; a timeout comes on a thread of the timer. Immutable.
 */
public final class Timeout implements Stage<HttpExchange, HttpReply> {

    private final Duration limit;
    private final CoarseTimer timer;

    private Timeout(Duration limit, CoarseTimer timer) {
        this.limit = limit;
        this.timer = timer;
    }

    /**
     * A limit with a timer of its own.
     *
     * @param limit to the head of the reply, more than zero
     * @return the stage
     */
    public static Timeout of(Duration limit) {
        return new Timeout(Nanos.positive("limit", limit), CoarseTimer.create());
    }

    /**
     * A copy with another timer.
     *
     * @param changed the timer; better shared than not
     * @return the copy
     */
    public Timeout withTimer(CoarseTimer changed) {
        return new Timeout(limit, changed);
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("timeout", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                Mono<HttpReply> call = next.call(exchange);
                return new Mono<>() {
                    @Override
                    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
                        call.subscribe(new TimedCall(actual, timer, limit, Deadline.NONE));
                    }
                };
            }
        };
    }
}
