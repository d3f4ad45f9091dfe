package io.headgate.simulation;

import io.headgate.Service;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Update.Departure;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.simulation.SimulatedServer.Mode;
import io.headgate.timeout.CoarseTimer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Twenty machines with a server each, a client that sends 2,000 requests per second through retries and a balancer, and no rest: each
 * second one server is replaced by a new one, and three machines at a time are in trouble, slow for ten seconds, then three others
 * failing for ten. All in virtual time, by seeds: it comes out the same each time.
 */
final class Simulation {

    static final int MACHINES = 20;
    static final int REQUESTS_PER_SECOND = 2_000;
    static final int SECONDS = 60;
    static final int IN_TROUBLE = 3;
    static final int TROUBLE_SECONDS = 10;

    private static final String NAME = "simulated";
    private static final int FIRST_PORT = 10_000;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Random chance;
    private final Measurements measurements = new Measurements(SECONDS);
    private final EndpointRegistry registry = new EndpointRegistry();
    private final Map<InetSocketAddress, SimulatedServer> servers = new HashMap<>();
    private final Endpoint[] machines = new Endpoint[MACHINES];
    private final Mode[] modes = new Mode[MACHINES];
    private final Retry retry;
    private final Balancer balancer;
    private final Service<HttpExchange, HttpReply> service;
    private int nextPort = FIRST_PORT;

    private Simulation(Strategy strategy, long seed) {
        chance = new Random(seed);
        IntStream.range(0, MACHINES).forEach(machine -> {
            modes[machine] = Mode.WELL;
            machines[machine] = join();
        });
        registry.reset(NAME, List.of(machines));
        Random picks = new Random(seed + 1);
        balancer = Balancer.create(
                registry.resolve(NAME),
                this::endpointService,
                BalancerSettings.DEFAULTS.withStrategy(strategy),
                time,
                this::nanos,
                picks::nextLong);
        retry = Retry.of(
                        RetryPolicy.DEFAULTS.withMaxAttempts(RetryPolicy.UNLIMITED),
                        RetryBudget.of(BudgetSettings.DEFAULTS, this::nanos))
                .withTimer(CoarseTimer.on(time));
        service = retry.wrap(balancer);
    }

    /** Runs it to the end. */
    static Measurements run(Strategy strategy, long seed) {
        return new Simulation(strategy, seed).run();
    }

    private Measurements run() {
        time.schedulePeriodically(this::replaceOne, 1, 1, TimeUnit.SECONDS);
        time.schedulePeriodically(this::spreadTrouble, 0, TROUBLE_SECONDS, TimeUnit.SECONDS);
        time.schedule(this::send);
        time.advanceTimeBy(Duration.ofSeconds(SECONDS));
        measurements.attempts(
                servers.values().stream().mapToLong(SimulatedServer::served).sum());
        time.dispose();
        return measurements;
    }

    private long nanos() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    // ---- the servers

    private Endpoint join() {
        Endpoint endpoint = Endpoint.of("10.0.0.1", nextPort++);
        servers.put(endpoint.address(), new SimulatedServer(time, chance));
        return endpoint;
    }

    private Service<HttpExchange, HttpReply> endpointService(Endpoint endpoint) {
        return CircuitBreaker.of(BreakerSettings.DEFAULTS)
                .withClock(this::nanos)
                .withDice(chance::nextDouble)
                .wrap(servers.get(endpoint.address()));
    }

    private void replaceOne() {
        int machine = (nextPort * 7) % MACHINES;
        Endpoint old = machines[machine];
        Endpoint replacement = join();
        servers.get(replacement.address()).become(modes[machine]);
        machines[machine] = replacement;
        registry.upsert(NAME, replacement);
        registry.remove(NAME, Departure.DRAIN, old);
    }

    private void spreadTrouble() {
        long phase = nanos() / TimeUnit.SECONDS.toNanos(TROUBLE_SECONDS);
        Mode trouble = phase % 2 == 0 ? Mode.SLOW : Mode.FAILING;
        for (int machine = 0; machine < MACHINES; machine++) {
            boolean hit = Math.floorMod(machine - phase * IN_TROUBLE, MACHINES) < IN_TROUBLE;
            modes[machine] = hit ? trouble : Mode.WELL;
            servers.get(machines[machine].address()).become(modes[machine]);
        }
    }

    // ---- the client

    private void send() {
        long began = nanos();
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "simulated.example", "/"), Body.empty());
        service.call(exchange)
                .subscribe(
                        reply -> {
                            reply.discard();
                            measurements.ended(began, nanos(), reply.status() == 200);
                        },
                        error -> measurements.ended(began, nanos(), false));
        long pause = (long) (-Math.log(1 - chance.nextDouble()) * TimeUnit.SECONDS.toNanos(1) / REQUESTS_PER_SECOND);
        time.schedule(this::send, pause, TimeUnit.NANOSECONDS);
    }
}
