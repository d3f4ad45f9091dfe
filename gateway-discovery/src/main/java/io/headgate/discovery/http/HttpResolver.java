package io.headgate.discovery.http;

import io.headgate.Service;
import io.headgate.discovery.internal.Documents;
import io.headgate.discovery.internal.Polling;
import io.headgate.discovery.internal.Reading;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Endpoints from an {@link io.headgate.discovery.EndpointDocument} that a server has. Its streams are <i>state streams</i>; they never
 * fail.
 *
 * <p>The server is asked every now and then, with jitter, for all names at once, while anybody wants to know about one; by
 * {@code If-None-Match} once it has given an {@code ETag}. {@code Retry-After} is honoured up to {@link #LONGEST_WAIT}.
 *
 * <p>While it cannot be asked, answers with a failure, or tells what makes no sense, what is known stays in force: the observer is told,
 * and a warning is logged. A server that does not have the document (404, 410) from the start knows no name, so that
 * {@link Resolver#orElse} asks elsewhere; later that is a failure like others.
 *
 * <p><b>Threading.</b> Immutable. Documents are parsed, and subscribers told, on the scheduler.
 *
 * <p><b>Cancellation.</b> The last one cancels the request under way.
 */
public final class HttpResolver implements Resolver {

    /** How often a server is asked. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    /** How long a server may take to answer, to the end of the document. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    /** A server that wants to be left alone for longer is asked nevertheless. */
    public static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /** A larger document is taken for a mistake. */
    public static final int MAX_BYTES = 32 * 1024 * 1024;

    /** Gateways that started together do not ask together for long. */
    private static final double JITTER = 0.1;

    private final Service<HttpExchange, HttpReply> client;
    private final URI uri;
    private final Duration interval;
    private final Duration limit;
    private final int maxBytes;
    private final Scheduler scheduler;
    private final SourceObserver observer;
    private final Documents documents;

    private HttpResolver(
            Service<HttpExchange, HttpReply> client,
            URI uri,
            Duration interval,
            Duration limit,
            int maxBytes,
            Scheduler scheduler,
            SourceObserver observer) {
        positive("interval", interval);
        positive("limit", limit);
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: 1 or more)");
        }
        this.client = Objects.requireNonNull(client, "client");
        this.uri = uri;
        this.interval = interval;
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.documents = new Documents(uri.toString(), readings(), observer);
    }

    private static void positive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: above zero)");
        }
    }

    /**
     * Endpoints from a server.
     *
     * @param client reaches the server, for example an upstream of a gateway
     * @param uri scheme, authority and path of the document; where the client connects to is the client's affair
     * @return the resolver
     */
    public static HttpResolver of(Service<HttpExchange, HttpReply> client, URI uri) {
        if (uri.getRawAuthority() == null || uri.getScheme() == null) {
            throw new IllegalArgumentException("uri: " + uri + " (expected: scheme://authority/path)");
        }
        return new HttpResolver(
                client, uri, INTERVAL, LIMIT, MAX_BYTES, Schedulers.boundedElastic(), SourceObserver.NONE);
    }

    /**
     * A copy that asks more or less often.
     *
     * @param changed how often; above zero
     * @return the copy
     */
    public HttpResolver withInterval(Duration changed) {
        return new HttpResolver(client, uri, changed, limit, maxBytes, scheduler, observer);
    }

    /**
     * A copy that gives the server more or less time.
     *
     * @param changed how long an answer may take; above zero
     * @return the copy
     */
    public HttpResolver withLimit(Duration changed) {
        return new HttpResolver(client, uri, interval, changed, maxBytes, scheduler, observer);
    }

    /**
     * A copy that takes larger or only smaller documents.
     *
     * @param changed the most bytes; 1 or more
     * @return the copy
     */
    public HttpResolver withMaxBytes(int changed) {
        return new HttpResolver(client, uri, interval, limit, changed, scheduler, observer);
    }

    /**
     * A copy that waits and parses elsewhere.
     *
     * @param changed runs waits and parses documents
     * @return the copy
     */
    public HttpResolver withScheduler(Scheduler changed) {
        return new HttpResolver(client, uri, interval, limit, maxBytes, changed, observer);
    }

    /**
     * A copy that tells, name by name, whether the server could be asked.
     *
     * @param changed is told
     * @return the copy
     */
    public HttpResolver withObserver(SourceObserver changed) {
        return new HttpResolver(client, uri, interval, limit, maxBytes, scheduler, changed);
    }

    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        return documents.updates(name);
    }

    private Flux<Reading> readings() {
        return Flux.defer(() -> {
            DocumentRequest request = new DocumentRequest(client, uri, maxBytes, scheduler);
            Mono<Reading> ask = Mono.defer(request::send)
                    .timeout(limit, scheduler)
                    .onErrorResume(failure -> Mono.just(request.failed(failure)));
            return Polling.endless(ask, reading -> wait(request), scheduler);
        });
    }

    private Duration wait(DocumentRequest request) {
        Duration asked = request.retryAfter();
        Duration wait = asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
        return Polling.jittered(wait.compareTo(interval) > 0 ? wait : interval, JITTER);
    }

    @Override
    public String toString() {
        return "endpoints of " + uri;
    }
}
