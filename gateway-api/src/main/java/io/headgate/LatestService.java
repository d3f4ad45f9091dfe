package io.headgate;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A service that follows a state stream of services: each call goes to the latest one. This is how a running gateway gets
 * new routes or new upstreams without losing a request.
 *
 * <pre>{@code
 * LatestService<HttpExchange, HttpReply> routes = LatestService.follow(configurations.map(App::routes), grace);
 * routes.ready().then(gateway.listen("127.0.0.1", 8080, routes)).block();
 * }</pre>
 *
 * <p>A service that is replaced takes no more calls, and is closed by {@link Service#closeAsync} when its last call has been
 * answered, or when the grace is over. It must own what its close closes: what the next one goes on using must not be closed
 * by it, and it is closed for good. The same service twice in a row is no replacement.
 *
 * <p>Until there is a service, calls fail with 503 and may be repeated. When the stream fails or completes, the last service
 * stays; {@link #failure} says why.
 *
 * <p><b>Threading.</b> Calls are as those of the latest service; a call costs two atomic additions.
 *
 * <p><b>Cancellation.</b> {@link #closeAsync} leaves the stream.
 *
 * @param <I> the input
 * @param <O> the output
 */
public final class LatestService<I, O> implements Service<I, O> {

    private static final Duration LONGEST = Duration.ofDays(365);

    private final Duration grace;
    private volatile Generation<I, O> current = new Generation<>(new Nobody<>());
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Sinks.Empty<Void> first = Sinks.empty();
    private volatile @Nullable Throwable failure;
    private final Disposable subscription;

    private LatestService(Flux<? extends Service<I, O>> services, Duration grace) {
        this.grace = grace;
        this.subscription = services.subscribe(this::replace, error -> failure = error);
    }

    /**
     * Follows a stream, which is subscribed at once.
     *
     * @param services a state stream; each service replaces the one before
     * @param grace how long calls of a replaced service may take, from its replacement on
     * @param <I> the input
     * @param <O> the output
     * @return the service
     */
    public static <I, O> LatestService<I, O> follow(Flux<? extends Service<I, O>> services, Duration grace) {
        Objects.requireNonNull(services, "services");
        if (grace.isNegative() || grace.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: 0 to 365 days)");
        }
        return new LatestService<>(services, grace);
    }

    private void replace(Service<I, O> next) {
        if (closed.get()) {
            next.closeAsync(Duration.ZERO).subscribe();
            return;
        }
        if (current.service == next) {
            return;
        }
        Generation<I, O> before = swap(next);
        first.tryEmitEmpty();
        before.retire(grace).onErrorComplete().subscribe();
        if (closed.get()) {
            close(Duration.ZERO).onErrorComplete().subscribe(); // closed in between
        }
    }

    private synchronized Generation<I, O> swap(Service<I, O> next) {
        Generation<I, O> before = current;
        current = new Generation<>(next);
        return before;
    }

    Generation<I, O> latest() {
        return current;
    }

    @Override
    public Mono<O> call(I input) {
        return new LatestCall<>(this, input);
    }

    /**
     * Waits for the first service.
     *
     * @return completes when there is a service; also when it has been replaced since
     */
    public Mono<Void> ready() {
        return first.asMono();
    }

    /**
     * Why the stream does not go on.
     *
     * @return the failure of the stream, or null while it has not failed
     */
    public @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public Status status() {
        return closed.get() ? Status.CLOSED : current.service.status();
    }

    /**
     * Leaves the stream and closes the latest service.
     *
     * @param patience how long calls in flight may take; zero cuts them at once
     * @return completes when the latest service is closed
     */
    @Override
    public Mono<Void> closeAsync(Duration patience) {
        return Mono.defer(() -> {
            closed.set(true);
            subscription.dispose();
            return close(patience);
        });
    }

    private Mono<Void> close(Duration patience) {
        return swap(new Nobody<>()).retire(patience);
    }

    @Override
    public String describe() {
        return "latest of a stream\n" + current.service.describe();
    }

    @Override
    public String toString() {
        return "latest of a stream, now " + current.service;
    }

    /** Stands in until there is a service. */
    private static final class Nobody<I, O> implements Service<I, O> {

        @Override
        public Mono<O> call(I input) {
            return Mono.error(new NoServiceException());
        }

        @Override
        public Status status() {
            return Status.BUSY;
        }

        @Override
        public String toString() {
            return "no service yet";
        }
    }

    private static final class NoServiceException extends GatewayException {

        private static final long serialVersionUID = 1L;

        NoServiceException() {
            super(503, Set.of(Trait.RETRYABLE, Trait.REJECTED), "service: none (expected: one)", null, false);
        }
    }
}
