package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Sends requests to a gateway at an even rate over cleartext HTTP/2, and counts those that get anything but a 200. Where this
 * process was held up, requests are left out: sent all at once, they would be a crowd that nobody asked for.
 */
final class Load implements AutoCloseable {

    private static final int MOST_OPEN = 1024;
    private static final int MAX_BODY = 64 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** How late a request may be to be sent still. */
    private static final long LATE = Duration.ofMillis(100).toNanos();

    private final Gateway loops = Gateway.create();
    private final Sinks.Empty<Void> stop = Sinks.empty();
    private final Sinks.Empty<Void> stopped = Sinks.empty();
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();
    private final Upstream gateway;
    private final String authority;
    private final Disposable running;

    /** Asks for the paths in turn, from now on. */
    Load(String url, int rate, List<String> paths) {
        gateway = loops.upstream(url.replaceFirst("http", "h2c"));
        authority = URI.create(url).getAuthority();
        long period = 1_000_000_000L / rate;
        long begun = System.nanoTime();
        running = Flux.interval(Duration.ofNanos(period))
                .filter(n -> System.nanoTime() - begun - (n + 1) * period < LATE)
                .onBackpressureDrop()
                .takeUntilOther(stop.asMono())
                .flatMap(n -> counted(paths.get((int) (n % paths.size()))), MOST_OPEN)
                .subscribe(status -> {}, error -> note("load: " + error), stopped::tryEmitEmpty);
    }

    private Mono<Integer> counted(String path) {
        return send(path).doOnNext(status -> {
            if (status == 200) {
                answered.increment();
            } else {
                note(path + ": status " + status);
            }
        });
    }

    private void note(String failure) {
        failed.increment();
        firstFailure.compareAndSet(null, failure);
    }

    /** The status of one more request, 0 when there was none. */
    Mono<Integer> send(String path) {
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", authority, path), Body.empty());
        return gateway.call(exchange).flatMap(Load::status).timeout(PATIENCE).onErrorResume(e -> {
            firstFailure.compareAndSet(null, path + ": " + e);
            return Mono.just(0);
        });
    }

    private static Mono<Integer> status(HttpReply reply) {
        return reply.body().asString(MAX_BODY).defaultIfEmpty("").map(text -> reply.status());
    }

    long answered() {
        return answered.sum();
    }

    long failed() {
        return failed.sum();
    }

    /** For people; empty while all is well. */
    String firstFailure() {
        String first = firstFailure.get();
        return first == null ? "" : ", the first: " + first;
    }

    /** Sends nothing more and waits for the answers that are due. */
    void stop() {
        stop.tryEmitEmpty();
        stopped.asMono().timeout(PATIENCE.plusSeconds(1)).onErrorComplete().block();
    }

    @Override
    public void close() {
        stop.tryEmitEmpty();
        running.dispose();
        loops.closeAsync().block();
    }
}
