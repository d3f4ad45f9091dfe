package io.headgate.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.concurrency.ConcurrencyLimit;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.H2Limits;
import io.headgate.mux.MuxSettings;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Update.Departure;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.simulation.SimulatedServer.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The same over real sockets: less long, because its time is real. */
@Timeout(120)
class SimulationOnTheWireTest {

    private static final Logger LOG = LoggerFactory.getLogger(SimulationOnTheWireTest.class);

    private static final int MACHINES = 20;
    private static final int IN_TROUBLE = 3;
    private static final int SECONDS = 12;
    private static final int TROUBLE_SECONDS = 3;

    /** A build beside other work manages that many; {@code -Dheadgate.simulation.rate=2000} on a machine that is quiet. */
    private static final int REQUESTS_PER_SECOND = Integer.getInteger("headgate.simulation.rate", 400);

    /** {@code -Dheadgate.simulation.turns=true} to compare with. */
    private static final Strategy STRATEGY =
            Boolean.getBoolean("headgate.simulation.turns") ? Strategy.roundRobin() : Strategy.peakEwma();

    private static final int WARM_UP_SECONDS = 3;
    private static final Duration TICK = Duration.ofMillis(10);
    private static final int REQUESTS_PER_TICK = (int) (REQUESTS_PER_SECOND * TICK.toMillis() / 1000);
    private static final int MOST_BYTES = 1024;
    private static final Duration SLOW_MEAN = Duration.ofMillis(100);
    private static final int WORKERS = 8;
    private static final int QUEUE = 10_000;
    private static final String NAME = "servers";

    /** For a machine that has too much to do: requests pile up, and nobody but machines in trouble fails them. */
    private static final MuxSettings PATIENT = MuxSettings.builder()
            .maxPending(100_000)
            .requestHead(Duration.ofMinutes(1))
            .connect(Duration.ofMinutes(1))
            .response(Duration.ofMinutes(1))
            .h2(H2Limits.builder().settingsAck(Duration.ofMinutes(1)).build())
            .build();

    /** A port that behaves as the machine does at the time. */
    private record Server(Listener listener, Endpoint endpoint) {}

    private final Gateway upstreams =
            Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withSettings(PATIENT));
    private final Gateway gateway =
            Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2).withSettings(PATIENT));
    private final Gateway clients =
            Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withSettings(PATIENT));
    private final EndpointRegistry registry = new EndpointRegistry();
    private final AtomicReferenceArray<Mode> modes = new AtomicReferenceArray<>(MACHINES);
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong served = new AtomicLong();
    private volatile long start;
    private final Measurements measurements = new Measurements(SECONDS);

    @Test
    void churnAndTroubleAreHiddenFromClientsWithinTheBudget() {
        try {
            run();
        } finally {
            clients.closeAsync().block();
            gateway.closeAsync().block();
            upstreams.closeAsync().block();
        }
        LOG.warn( // the figures of docs/simulation.md
                "{} requests, {} failures, {} retries, p50 {} ms, p99 {} ms",
                measurements.calls(),
                failures.size(),
                measurements.retries(),
                measurements.percentile(0.5),
                measurements.percentile(0.99));
        BudgetSettings budget = BudgetSettings.DEFAULTS;
        assertThat(measurements.calls())
                .isEqualTo(SECONDS * Duration.ofSeconds(1).dividedBy(TICK) * REQUESTS_PER_TICK);
        assertThat(failures.size() * 1000L).as("failures %s", failures).isLessThan(measurements.calls());
        assertThat((double) measurements.retries())
                .isLessThan(budget.ratio() * measurements.calls() + budget.minPerSecond() * (double) SECONDS);
    }

    private void run() {
        IntStream.range(0, MACHINES).forEach(machine -> modes.set(machine, Mode.WELL));
        Server[] servers = IntStream.range(0, MACHINES).mapToObj(this::join).toArray(Server[]::new);
        registry.reset(NAME, List.of(servers).stream().map(Server::endpoint).toList());
        Balancer balancer = Balancer.create(
                registry.resolve(NAME),
                endpoint -> CircuitBreaker.of(BreakerSettings.DEFAULTS)
                        .wrap(gateway.endpoints().create(endpoint)),
                BalancerSettings.DEFAULTS.withStrategy(STRATEGY));
        Service<HttpExchange, HttpReply> service = Retry.of(
                        RetryPolicy.DEFAULTS.withMaxAttempts(RetryPolicy.UNLIMITED),
                        RetryBudget.of(BudgetSettings.DEFAULTS))
                .wrap(balancer);
        Listener front = gateway.listen("127.0.0.1", 0, service).block();
        Service<HttpExchange, HttpReply> client = clients.upstream(PATIENT, "h2c://127.0.0.1:" + front.port());

        Mono<Void> churn = Flux.interval(Duration.ofSeconds(1))
                .take(SECONDS - 1)
                .publishOn(Schedulers.boundedElastic()) // opening a port waits for it
                .doOnNext(second -> turn(servers, second.intValue()))
                .then();
        request(client, (began, failure) -> {}).block(); // connects, before requests wait for that
        load(client, WARM_UP_SECONDS, (began, failure) -> {}).block();
        served.set(0);
        start = System.nanoTime();
        Mono.when(churn, load(client, SECONDS, this::ended)).block();
        measurements.attempts(served.get());
        balancer.closeAsync(Duration.ZERO).block();
    }

    private Server join(int machine) {
        Service<HttpExchange, HttpReply> workers = ConcurrencyLimit.of(WORKERS)
                .withQueue(QUEUE, Duration.ofMinutes(1))
                .wrap(exchange -> serve(machine, exchange));
        Listener listener = upstreams.listen("127.0.0.1", 0, workers).block();
        return new Server(listener, Endpoint.of("127.0.0.1", listener.port()));
    }

    private Mono<HttpReply> serve(int machine, HttpExchange exchange) {
        served.incrementAndGet();
        exchange.body().discard();
        return switch (modes.get(machine)) {
            case WELL -> Mono.just(HttpReply.text(200, "well\n"));
            case SLOW -> Mono.delay(slow()).map(late -> HttpReply.text(200, "late\n"));
            case FAILING -> Mono.just(HttpReply.text(503, "failing\n"));
        };
    }

    private static Duration slow() {
        return Duration.ofNanos((long)
                (SLOW_MEAN.toNanos() * -Math.log(1 - ThreadLocalRandom.current().nextDouble())));
    }

    private void turn(Server[] servers, int second) {
        int phase = second / TROUBLE_SECONDS;
        Mode trouble = phase % 2 == 0 ? Mode.SLOW : Mode.FAILING;
        for (int machine = 0; machine < MACHINES; machine++) {
            boolean hit = Math.floorMod(machine - phase * IN_TROUBLE, MACHINES) < IN_TROUBLE;
            modes.set(machine, hit ? trouble : Mode.WELL);
        }
        int machine = second * 7 % MACHINES;
        Server old = servers[machine];
        servers[machine] = join(machine);
        registry.upsert(NAME, servers[machine].endpoint());
        registry.remove(NAME, Departure.DRAIN, old.endpoint());
        old.listener().drain(Duration.ofSeconds(5)).subscribe();
    }

    /** Is told of the end of a request: when it began, and what was wrong or nothing. */
    private interface Recorder {
        void ended(long began, String failure);
    }

    private static Mono<Void> load(Service<HttpExchange, HttpReply> client, int seconds, Recorder recorder) {
        return Flux.interval(TICK)
                .onBackpressureBuffer()
                .take(seconds * Duration.ofSeconds(1).dividedBy(TICK))
                .concatMapIterable(
                        tick -> IntStream.range(0, REQUESTS_PER_TICK).boxed().toList())
                .flatMap(number -> request(client, recorder), Integer.MAX_VALUE)
                .then();
    }

    private static Mono<Void> request(Service<HttpExchange, HttpReply> client, Recorder recorder) {
        long began = System.nanoTime();
        return client.call(HttpExchange.of(RequestHead.of("GET", "servers.example", "/"), Body.empty()))
                .flatMap(reply -> reply.body()
                        .asString(MOST_BYTES)
                        .defaultIfEmpty("")
                        .map(text -> reply.status() == 200 ? "" : reply.status() + " " + text))
                .onErrorResume(error -> Mono.just(error + " " + error.getCause()))
                .doOnNext(failure -> recorder.ended(began, failure))
                .then();
    }

    private void ended(long began, String failure) {
        measurements.ended(began - start, System.nanoTime() - start, failure.isEmpty());
        if (!failure.isEmpty()) {
            failures.add(failure);
        }
    }
}
