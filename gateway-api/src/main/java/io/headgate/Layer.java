package io.headgate;

import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * What a stage wraps with: a service whose calls differ from those of the next one and which leaves all else to it. A bare
 * lambda would answer {@link #status} and {@link #closeAsync} for itself, and a stack would report OPEN and closed while
 * its endpoint is neither.
 *
 * <pre>{@code
 * public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
 *     return new Layer<>("tenant", next) {
 *         public Mono<HttpReply> call(HttpExchange exchange) {
 *             return next.call(exchange.withAttribute(TENANT, tenantOf(exchange)));
 *         }
 *     };
 * }
 * }</pre>
 *
 * @param <I> the input
 * @param <O> the output
 */
public abstract class Layer<I, O> implements Service<I, O> {

    private final String kind;
    private final Service<I, O> next;

    /**
     * For stages.
     *
     * @param kind what the stage does in a word or two, for {@link #describe}
     * @param next the service that is wrapped
     */
    protected Layer(String kind, Service<I, O> next) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.next = Objects.requireNonNull(next, "next");
    }

    @Override
    public Status status() {
        return next.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return next.closeAsync(grace);
    }

    @Override
    public final String describe() {
        return kind + '\n' + next.describe();
    }

    @Override
    public final String toString() {
        return kind;
    }
}
