package io.headgate.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.HeldPort;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Resolver;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Discovery, health checks, a balancer and retries above endpoints that say that they are unwell, die, and come back. */
class CheckedBalancerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String NAME = "orders";

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2));
    private final Gateway first = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Gateway second = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final AtomicBoolean secondIsReady = new AtomicBoolean(true);
    private final EndpointRegistry registry = new EndpointRegistry();
    private final Resolver healthy = HealthChecks.of(
                    HttpCheck.of(gateway.endpoints()).withPath("/ready"))
            .withInterval(Duration.ofMillis(20), 0.1)
            .withThresholds(1, 1)
            .withPanic(0)
            .around(registry);
    private final Balancer balancer = Balancer.create(
            healthy.resolve(NAME),
            gateway.endpoints(),
            BalancerSettings.DEFAULTS.withStrategy(Strategy.leastPending())); // few calls, spread evenly
    private final Service<HttpExchange, HttpReply> service = Retry.of(
                    RetryPolicy.DEFAULTS, RetryBudget.of(BudgetSettings.DEFAULTS))
            .wrap(balancer);

    @AfterEach
    void nothingIsLeft() {
        balancer.closeAsync(Duration.ZERO).block(PATIENCE);
        gateway.closeAsync().block(PATIENCE);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
        first.closeAsync().block(PATIENCE);
        second.closeAsync().block(PATIENCE);
    }

    private static Mono<HttpReply> answer(String name, boolean ready, HttpExchange exchange) {
        return Mono.just(
                exchange.head().path().equals("/ready") ? HttpReply.of(ready ? 200 : 503) : HttpReply.text(200, name));
    }

    private Listener listen(Gateway on, String name, int port) {
        return on.listen("127.0.0.1", port, exchange -> answer(name, on == first || secondIsReady.get(), exchange))
                .block(PATIENCE);
    }

    private String call() {
        return service.call(HttpExchange.of(RequestHead.of("GET", "orders.example", "/"), Body.empty()))
                .flatMap(reply -> reply.body().asString(1000).map(text -> reply.status() + " " + text))
                .block(PATIENCE);
    }

    /** Calls all the while; each must be answered. */
    private void await(String wanted, int endpoints) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(() -> {
                    String answer = call();
                    assertThat(answer).startsWith("200 ");
                    assertThat(answer).isEqualTo(wanted);
                    assertThat(balancer.stats().endpoints()).isEqualTo(endpoints);
                });
    }

    @Test
    void trafficFollowsTheHealthOfEndpointsAndNoCallFails() throws IOException {
        try (HeldPort held = new HeldPort()) {
            trafficFollowsTheHealth(held.number());
        }
    }

    private void trafficFollowsTheHealth(int port) {
        int one = listen(first, "first", 0).port();
        Listener other = listen(second, "second", port);
        registry.reset(NAME, List.of(Endpoint.of("127.0.0.1", one), Endpoint.of("127.0.0.1", other.port())));
        await("200 second", 2);

        secondIsReady.set(false);
        await("200 first", 1);
        secondIsReady.set(true);
        await("200 second", 2);

        other.drain(Duration.ofSeconds(1)).blockLast(PATIENCE);
        await("200 first", 1);
        listen(second, "second", port);
        await("200 second", 2);
    }
}
