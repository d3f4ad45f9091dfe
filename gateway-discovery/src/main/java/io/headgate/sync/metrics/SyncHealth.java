package io.headgate.sync.metrics;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerStats;
import io.headgate.sync.server.SyncServerStats.Topic;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Whether a server of sync streams is alive and ready, for those who ask {@code /liveness} and {@code /readiness} over HTTP. Mount it in a
 * gateway, a router or {@code ReactorNettyMount}.
 *
 * <p><b>Alive</b> is a server that takes connections. It is connected to as by a client that leaves at once, and has to
 * answer that by closing: so a server whose accept path is stuck is not alive, although the system still completes connections for it. That is
 * done when somebody asks, once in a second at most for all who ask, and counts as a connection that was accepted.
 *
 * <p><b>Ready</b> is a server that listens and whose topics are all in sync.
 *
 * <p>Answers are 200 with a line for each topic, 204 where there is nothing to say, 503 with what is wrong, 404 for other paths, and 405 for
 * other methods than GET and HEAD.
 *
 * <p><b>Threading.</b> Any thread. <b>Cancellation.</b> Stops waiting. <b>Ownership.</b> Takes bodies of requests, and discards them.
 */
public final class SyncHealth implements Service<HttpExchange, HttpReply> {

    /** How long a server may take to answer when its accept path is tried: 2 seconds. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(2);

    private static final Duration REUSED_FOR = Duration.ofSeconds(1);

    private final Supplier<SyncServerStats> stats;
    private final Mono<String> dead;

    private SyncHealth(Supplier<SyncServerStats> stats, Mono<String> dead) {
        this.stats = stats;
        this.dead = dead;
    }

    /**
     * The health of a server in this process.
     *
     * @param server is looked at when somebody asks
     * @return its health
     */
    public static SyncHealth of(SyncServer server) {
        return of(server, DEFAULT_PATIENCE, Schedulers.parallel());
    }

    /**
     * The same with other times.
     *
     * @param server is looked at when somebody asks
     * @param patience how long it may take to answer when its accept path is tried
     * @param timer measures that
     * @return its health
     */
    public static SyncHealth of(SyncServer server, Duration patience, Scheduler timer) {
        Objects.requireNonNull(patience, "patience");
        return of(server::stats, AcceptProbe.of(server.address(), patience, timer), timer);
    }

    static SyncHealth of(Supplier<SyncServerStats> stats, Mono<String> probe, Scheduler timer) {
        return new SyncHealth(stats, probe.cache(REUSED_FOR, timer));
    }

    /**
     * Looks for what keeps the server from taking connections.
     *
     * @return empty when it takes them; for example for {@code Admin.Builder.ready}
     */
    public Mono<String> notAlive() {
        return dead;
    }

    /**
     * Looks for what keeps the server from being ready.
     *
     * @return empty when it is ready; for example for {@code Admin.Builder.ready}
     */
    public Mono<String> notReady() {
        return Mono.fromSupplier(stats).filter(now -> !isReady(now)).map(SyncHealth::text);
    }

    private static boolean isReady(SyncServerStats now) {
        return now.listening() && now.isReady();
    }

    /**
     * Answers {@code GET} and {@code HEAD} of {@code /liveness} and {@code /readiness}.
     *
     * @param exchange the request; takes its body
     * @return the reply, which never fails
     */
    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        exchange.body().discard();
        String method = exchange.head().method();
        boolean alive = exchange.head().path().equals("/liveness");
        if (!alive && !exchange.head().path().equals("/readiness")) {
            return Mono.just(
                    HttpReply.text(404, "path: " + exchange.head().path() + " (expected: /liveness or /readiness)\n"));
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Mono.just(HttpReply.of(405, Fields.of("allow", "GET, HEAD"), Body.empty()));
        }
        return alive ? liveness() : readiness();
    }

    private Mono<HttpReply> liveness() {
        return dead.map(why -> HttpReply.text(503, why + "\n"))
                .switchIfEmpty(Mono.fromSupplier(() -> HttpReply.of(204)));
    }

    private Mono<HttpReply> readiness() {
        return Mono.fromSupplier(() -> {
            SyncServerStats now = stats.get();
            String text = text(now);
            if (isReady(now)) {
                return text.isEmpty() ? HttpReply.of(204) : HttpReply.text(200, text + "\n");
            }
            return HttpReply.text(503, text + "\n");
        });
    }

    private static String text(SyncServerStats now) {
        String topics = new TreeMap<>(now.topics())
                .entrySet().stream()
                        .map(topic -> topic.getKey() + ": " + text(topic.getValue()))
                        .collect(Collectors.joining("\n"));
        return now.listening() ? topics : "listening: no (expected: yes)" + (topics.isEmpty() ? "" : "\n" + topics);
    }

    private static String text(Topic topic) {
        String status = topic.status().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return status + (topic.status() == SyncStatus.IN_SYNC ? ", " : " (expected: in sync), ") + topic.entries()
                + " entries";
    }

    @Override
    public String toString() {
        return "health of a sync server";
    }
}
