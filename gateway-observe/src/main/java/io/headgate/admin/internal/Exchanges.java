package io.headgate.admin.internal;

import io.headgate.admin.internal.Answer.Content;
import io.headgate.admin.internal.Answer.Events;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Takes requests from the wire and puts answers on it. Resources work on threads of their own. */
public final class Exchanges implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.admin");

    /** A body is refused anyway; what is read of it keeps the connection usable. */
    private static final int MOST_BODY = 64 * 1024;

    /** What is shown is made by code of users, which may hang; then its thread is interrupted. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Site site;
    private final Gatekeeper gatekeeper;
    private final BiPredicate<HttpServerRequest, String> authorizer;
    private final Function<String, Scheduler> workers;
    private final Scheduler timer;
    private final EventWriter events;
    private final Flights flights;

    /**
     * Answers all requests of a server.
     *
     * @param authorizer is given the request and its decoded path, the same that decides who answers
     * @param workers where the resource of a path works
     */
    public Exchanges(
            Site site,
            Gatekeeper gatekeeper,
            BiPredicate<HttpServerRequest, String> authorizer,
            Function<String, Scheduler> workers,
            Scheduler timer,
            EventWriter events,
            Flights flights) {
        this.site = site;
        this.gatekeeper = gatekeeper;
        this.authorizer = authorizer;
        this.workers = workers;
        this.timer = timer;
        this.events = events;
        this.flights = flights;
    }

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        flights.begin();
        return bodyBytes(request)
                .flatMap(bytes -> answer(request, bytes))
                .onErrorResume(failed -> Mono.just(problem(request, failed).answer()))
                .flatMap(answer -> write(request, response, answer))
                .doFinally(signal -> flights.end());
    }

    private Mono<Answer> answer(HttpServerRequest request, int bodyBytes) {
        HttpHeaders headers = request.requestHeaders();
        String method = request.method().name();
        gatekeeper.check(method, headers);
        String path = path(request.uri());
        Query query = Query.of(request.uri());
        return Mono.defer(() -> {
                    authorize(request, path);
                    refuseBody(bodyBytes);
                    String accepted = String.join(",", headers.getAll(HttpHeaderNames.ACCEPT));
                    return site.answer(method, path, query, new Accept(accepted));
                })
                .subscribeOn(workers.apply(path))
                .timeout(LIMIT, Mono.error(Exchanges::late), timer);
    }

    private void authorize(HttpServerRequest request, String path) {
        if (!authorizer.test(request, path)) {
            throw new Problem(403, "request: not authorized (expected: one that the authorizer of this server allows)");
        }
    }

    private static void refuseBody(int bytes) {
        if (bytes > 0) {
            boolean large = bytes > MOST_BODY;
            throw new Problem(
                    large ? 413 : 400,
                    "body: " + (large ? "more than " + MOST_BODY : bytes)
                            + " bytes (expected: none; parameters belong in the query)");
        }
    }

    private static Problem late() {
        return new Problem(503, "answer: none within " + LIMIT.toSeconds() + " s (expected: one; something is slow)");
    }

    private static Mono<Integer> bodyBytes(HttpServerRequest request) {
        HttpHeaders headers = request.requestHeaders();
        if (!headers.contains(HttpHeaderNames.CONTENT_LENGTH) && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return Mono.just(0);
        }
        return request.receive()
                .map(ByteBuf::readableBytes)
                .scan(0, Integer::sum)
                .takeUntil(bytes -> bytes > MOST_BODY)
                .last(0);
    }

    private static String path(String uri) {
        try {
            return new QueryStringDecoder(uri).path();
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "path: " + e.getMessage() + " (expected: percent-encoded UTF-8)");
        }
    }

    /** What is unknown is nobody's business but that of the log. */
    private static Problem problem(HttpServerRequest request, Throwable failed) {
        if (failed instanceof Problem known) {
            return known;
        }
        if (failed instanceof RejectedExecutionException) {
            return new Problem(503, "workers: all busy, and enough waiting (expected: fewer requests)")
                    .withHeader("Retry-After", "1");
        }
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        LOG.error("{} {} failed, id {}", request.method(), request.uri(), id, failed);
        return new Problem(500, "something failed; the log says what, with this id").with("id", id);
    }

    private Mono<Void> write(HttpServerRequest request, HttpServerResponse response, Answer answer) {
        response.header(HttpHeaderNames.CACHE_CONTROL, "no-store").header("X-Content-Type-Options", "nosniff");
        boolean head = request.method().name().equals("HEAD");
        if (answer instanceof Content content) {
            return write(response, content, head);
        }
        Events stream = (Events) answer;
        response.status(stream.status()).header(HttpHeaderNames.CONTENT_TYPE, Resource.EVENTS);
        return head ? response.sendHeaders().then() : events.write(response, stream.events());
    }

    private static Mono<Void> write(HttpServerResponse response, Content content, boolean head) {
        content.headers().forEach(response::header);
        response.status(content.status())
                .header(HttpHeaderNames.CONTENT_TYPE, content.type())
                .header(HttpHeaderNames.CONTENT_LENGTH, String.valueOf(content.body().length));
        if (content.status() == 413) {
            response.keepAlive(false);
        }
        return head
                ? response.sendHeaders().then()
                : response.sendObject(Unpooled.wrappedBuffer(content.body())).then();
    }
}
