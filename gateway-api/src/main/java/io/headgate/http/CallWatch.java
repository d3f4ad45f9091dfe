package io.headgate.http;

import io.headgate.Layer;
import io.headgate.Stage;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Is told how one call of an HTTP service passes, from its subscription to the last byte of the reply: the place for
 * latencies, budgets, breakers, metrics and taps of an attempt. What happens to the exchange of a client as a whole, retries
 * and all, is told to an {@link ExchangeObserver}.
 *
 * <p>The calls come in this order, and exactly one of the last three:
 *
 * <pre>
 * [onReply onData*] (onComplete | onFailure | onCancel)
 * </pre>
 *
 * A call that fails or is cancelled before its reply goes to {@code onFailure} or {@code onCancel} without {@code onReply}.
 *
 * <p><b>Threading.</b> As {@link BodyWatch}; a cancellation before the reply comes on the thread that cancels.
 * A call that completes without a reply counts as cancelled.
 */
public interface CallWatch extends BodyWatch {

    /**
     * The head of the reply has come; the body follows.
     *
     * @param head the head
     */
    default void onReply(ReplyHead head) {}

    /**
     * A stage whose calls are watched.
     *
     * @param factory makes the watch of a call when it is subscribed, or null when nobody wants to know
     * @return the stage
     */
    static Stage<HttpExchange, HttpReply> stage(Function<HttpExchange, ? extends @Nullable CallWatch> factory) {
        Objects.requireNonNull(factory, "factory");
        return next -> new Layer<>("watch", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return new WatchedCall.Asked(next.call(exchange), exchange, factory);
            }
        };
    }

    /**
     * One call, watched.
     *
     * @param call the call
     * @param watch is told; the call must not be subscribed twice
     * @return the call to use in the place of the given one
     */
    static Mono<HttpReply> watch(Mono<HttpReply> call, CallWatch watch) {
        Objects.requireNonNull(watch, "watch");
        return new WatchedCall(call, watch);
    }
}
