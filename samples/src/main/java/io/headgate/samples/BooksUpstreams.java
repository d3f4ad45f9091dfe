package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** Two versions of a service of books, with the failures that a profile is for. */
final class BooksUpstreams implements AutoCloseable {

    static final String V1 = "books-v1.example:80";
    static final String V2 = "books-v2.example:80";

    private final Gateway gateway = Gateway.create();
    private final Version first = new Version("v1");
    private final Version second = new Version("v2");
    private final Resolver resolver = Resolver.fixed(Map.of(V1, List.of(listen(first)), V2, List.of(listen(second))));

    private Endpoint listen(Version version) {
        Listener listener = Objects.requireNonNull(
                gateway.listen("127.0.0.1", 0, version::answer).block());
        return Endpoint.of("127.0.0.1", listener.port());
    }

    Resolver resolver() {
        return resolver;
    }

    /** Makes the second version answer everything with 503, or stop that. */
    void breakSecond(boolean isBroken) {
        second.broken.set(isBroken);
    }

    /** How many requests the second version has seen. */
    int seenBySecond() {
        return second.seen.get();
    }

    @Override
    public void close() {
        gateway.closeAsync().block();
    }

    private static final class Version {

        private static final int BAD_EDIT = 5;
        private static final int GOOD_REVIEW = 3;

        private final String name;
        private final AtomicBoolean broken = new AtomicBoolean();
        private final AtomicInteger seen = new AtomicInteger();
        private final AtomicInteger edits = new AtomicInteger();
        private final AtomicInteger reviews = new AtomicInteger();

        Version(String name) {
            this.name = name;
        }

        Mono<HttpReply> answer(HttpExchange exchange) {
            exchange.body().discard();
            seen.incrementAndGet();
            String method = exchange.head().method();
            String path = exchange.head().path();
            if (path.startsWith("/authors")) {
                return Mono.never();
            }
            boolean fails = broken.get()
                    || method.equals("PUT") && edits.incrementAndGet() % BAD_EDIT == 0
                    || path.equals("/reviews") && reviews.incrementAndGet() % GOOD_REVIEW != 0;
            String text = name + (fails ? " fails at " : " answers ") + method + " "
                    + exchange.head().target() + "\n";
            return Mono.just(HttpReply.text(fails ? 503 : 200, text));
        }
    }
}
