package io.headgate.route;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/**
 * Calls for each exchange the service of the key that it is recognised as. Keys come from a table that may be replaced as a
 * whole while the router runs; services come from a {@link ServiceCache}, and stay when a new table names the same keys.
 *
 * <pre>{@code
 * Router<String> router = Router.follow(tables, ServiceCache.of(stack::make));
 * router.ready().then(gateway.listen("127.0.0.1", 8080, router)).subscribe();
 * }</pre>
 *
 * <p>A call uses the one table that is there when it is subscribed. A key that no table names any more goes idle and is
 * closed by the cache in its time, not before its last reply has ended.
 *
 * <p><b>Threading.</b> Any thread may call, and the service is called on the thread that subscribes. No lock is taken when
 * the service is there.
 *
 * <p><b>Cancellation.</b> {@link #closeAsync} leaves the stream of tables.
 *
 * <p><b>Errors.</b> {@link NoRouteException}, {@link ServicesExhaustedException}; 503 before the first table and after the
 * close; what the recognizer throws.
 *
 * @param <K> what exchanges are for
 */
public final class Router<K> implements Service<HttpExchange, HttpReply> {

    private final ServiceCache<K> services;
    private final Sinks.Empty<Void> first = Sinks.empty();
    private final Disposable.Swap subscription = Disposables.swap();
    private volatile @Nullable Recognizer<K> current;
    private volatile @Nullable Throwable failure;

    private Router(ServiceCache<K> services) {
        this.services = Objects.requireNonNull(services, "services");
    }

    /**
     * A router whose table stays.
     *
     * @param table recognises keys
     * @param services the services of the keys; takes ownership
     * @param <K> the key
     * @return the router
     */
    public static <K> Router<K> of(Recognizer<K> table, ServiceCache<K> services) {
        Router<K> router = new Router<>(services);
        router.replace(Objects.requireNonNull(table, "table"));
        return router;
    }

    /**
     * A router that follows a stream of tables, which is subscribed at once. When the stream fails or completes the last
     * table stays.
     *
     * @param tables a state stream; each table replaces the one before
     * @param services the services of the keys; takes ownership
     * @param <K> the key
     * @return the router
     */
    public static <K> Router<K> follow(Flux<? extends Recognizer<K>> tables, ServiceCache<K> services) {
        Router<K> router = new Router<>(services);
        router.subscription.update(tables.subscribe(router::replace, error -> router.failure = error));
        return router;
    }

    private void replace(Recognizer<K> table) {
        current = table;
        first.tryEmitEmpty();
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return new RoutedCall(exchange);
    }

    /**
     * Waits for the first table.
     *
     * @return completes when there is a table
     */
    public Mono<Void> ready() {
        return first.asMono();
    }

    /**
     * Why the stream of tables does not go on.
     *
     * @return the failure of the stream, or null while it has not failed
     */
    public @Nullable Throwable failure() {
        return failure;
    }

    /**
     * What exchanges are recognised by now.
     *
     * @return the table in force, or null before the first one
     */
    public @Nullable Recognizer<K> table() {
        return current;
    }

    /**
     * The services.
     *
     * @return the cache that was given
     */
    public ServiceCache<K> services() {
        return services;
    }

    @Override
    public Status status() {
        if (services.isClosed()) {
            return Status.CLOSED;
        }
        return current == null ? Status.BUSY : Status.OPEN;
    }

    /**
     * Leaves the stream, refuses new calls and closes all services.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when all services are closed
     */
    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.defer(() -> {
            subscription.dispose();
            return services.closeAsync(grace);
        });
    }

    @Override
    public String toString() {
        Recognizer<K> table = current;
        return "router, " + (table == null ? "no table yet" : table);
    }

    /** Chooses when it is subscribed: what was described before a change goes by the new table. */
    private final class RoutedCall extends Mono<HttpReply> {

        private final HttpExchange exchange;

        RoutedCall(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            Recognizer<K> table = current;
            if (table == null) {
                Operators.error(actual, new UnavailableException("routes: none (expected: a table)"));
                return;
            }
            Recognized<K> known;
            try {
                known = table.recognize(exchange);
            } catch (RuntimeException e) {
                Operators.error(actual, e);
                return;
            }
            if (known == null) {
                Operators.error(actual, new NoRouteException(exchange.head()));
            } else {
                services.call(known.key(), known.exchange()).subscribe(actual);
            }
        }
    }
}
