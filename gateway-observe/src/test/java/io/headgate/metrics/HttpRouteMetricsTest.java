package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.ProfileRouting;
import io.headgate.profile.RequestMatch;
import io.headgate.retry.BudgetSettings;
import io.headgate.test.ScriptedService;
import io.headgate.test.VirtualClock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** A route of a profile as clients see it, and as its targets do. */
class HttpRouteMetricsTest {

    private final VirtualClock clock = VirtualClock.install();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final HttpMetrics metrics = HttpMetrics.of(registry, LinkerdConvention.DEFAULTS);
    private final ScriptedService next = ScriptedService.create();
    private ProfileRouter router;

    @BeforeEach
    void route() {
        ProfileRoute route =
                ProfileRoute.of(RequestMatch.all()).withLabel("route", "orders").withRetryable(true);
        Profile profile = Profile.of(route).withRetryBudget(new BudgetSettings(0, 1, Duration.ofSeconds(1)));
        router = ProfileRouting.of(name -> Flux.concat(Flux.just(profile), Flux.never()), name -> next)
                .withWatch(metrics.routes())
                .create("orders:80");
    }

    @AfterEach
    void close() {
        router.closeAsync(Duration.ZERO).block();
        metrics.close();
        clock.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    private void call() {
        router.call(HttpExchange.of(RequestHead.of("GET", "orders", "/"), Body.empty()))
                .subscribe(HttpReply::discard);
    }

    private double count(String name, String... tags) {
        Counter counter = registry.find(name)
                .tags("dst", "orders:80", "rt_route", "orders")
                .tags(tags)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void retriesCountAsAttemptsOnly() {
        call();
        next.calls().get(0).reply(HttpReply.of(503));
        clock.advance(Duration.ofSeconds(1));
        next.calls().get(1).reply(HttpReply.of(200));

        assertThat(count("route_request")).isEqualTo(1);
        assertThat(count("route_response", "classification", "success")).isEqualTo(1);
        assertThat(count("route_response", "classification", "failure")).isZero();
        assertThat(count("route_actual_request")).isEqualTo(2);
        assertThat(count("route_actual_response", "classification", "success", "status_code", "200"))
                .isEqualTo(1);
        assertThat(count("route_actual_response", "classification", "failure", "status_code", "503"))
                .isEqualTo(1);
        assertThat(registry.get("route_retryable").counters()).hasSize(1);
        assertThat(count("route_retryable")).isEqualTo(1);
    }

    @Test
    void aRetryForWhichThereIsNoBudgetIsCounted() {
        call();
        next.calls().get(0).reply(HttpReply.of(503));
        clock.advance(Duration.ofMillis(100));
        next.calls().get(1).reply(HttpReply.of(503)); // the second attempt, which was the budget
        clock.advance(Duration.ofMillis(100));
        assertThat(count("route_retryable", "skipped", "no_budget")).isEqualTo(1);
        assertThat(count("route_response", "classification", "failure")).isEqualTo(1);
    }
}
