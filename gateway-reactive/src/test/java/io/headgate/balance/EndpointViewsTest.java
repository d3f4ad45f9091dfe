package io.headgate.balance;

import static io.headgate.balance.FakeEndpoints.endpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service.Status;
import io.headgate.balance.EndpointStats.Rank;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;

/** What a balancer shows of its endpoints. */
class EndpointViewsTest {

    private final VirtualClock clock = VirtualClock.install();
    private final FakeEndpoints endpoints = new FakeEndpoints();
    private final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    private final SplittableRandom random = new SplittableRandom(1);
    private final Balancer balancer = Balancer.create(
            updates.asFlux(),
            endpoints,
            BalancerSettings.DEFAULTS.withZone(ZonePreference.of("here")),
            clock,
            () -> clock.now(TimeUnit.NANOSECONDS),
            random::nextLong);

    @AfterEach
    void close() {
        balancer.closeAsync(Duration.ZERO).block();
        clock.close();
    }

    private void tell(Update<Endpoint> update) {
        updates.tryEmitNext(update).orThrow();
    }

    private static Endpoint near(int port) {
        return endpoint(port).withLabels(Map.of("zone", "here"));
    }

    private Map<Integer, EndpointStats> byPort() {
        return balancer.endpoints().stream()
                .collect(Collectors.toMap(stats -> stats.endpoint().address().getPort(), Function.identity()));
    }

    @Test
    void everyEndpointIsThereOnceWithItsRank() {
        assertThat(balancer.endpoints()).isEmpty();
        tell(new Update.Reset<>(List.of(near(1), near(2), endpoint(3), near(4).withWeight(0))));
        assertThat(byPort())
                .hasSize(4)
                .satisfies(all -> assertThat(all.get(1).rank()).isEqualTo(Rank.NEAR))
                .satisfies(all -> assertThat(all.get(2).rank()).isEqualTo(Rank.NEAR))
                .satisfies(all -> assertThat(all.get(3).rank()).isEqualTo(Rank.FAR))
                .satisfies(all -> assertThat(all.get(4).rank()).isEqualTo(Rank.LAST_RESORT))
                .satisfies(all -> assertThat(all.get(4).endpoint().weight()).isZero());
    }

    @Test
    void callsAndLatencyAreThoseOfTheEndpoint() {
        tell(new Update.Reset<>(List.of(near(1), endpoint(2))));
        balancer.call(FakeEndpoints.get()).subscribe();
        assertThat(byPort().get(1).openCalls()).isEqualTo(1);
        assertThat(byPort().get(1).pendingCalls()).isEqualTo(1);
        assertThat(byPort().get(2).openCalls()).isZero();
        clock.advance(Duration.ofMillis(400));
        endpoints.at(1).only().answer();
        assertThat(byPort().get(1).openCalls()).isZero();
        assertThat(byPort().get(1).pendingCalls()).isZero();
        assertThat(byPort().get(1).latencyMillis()).isBetween(399.0, 401.0);
        assertThat(byPort().get(2).latencyMillis()).isLessThan(100);
    }

    @Test
    void stateFollowsTheService() {
        tell(new Update.Reset<>(List.of(near(1))));
        assertThat(byPort().get(1).isReady()).isTrue();
        endpoints.at(1).status = Status.BUSY;
        assertThat(byPort().get(1).status()).isEqualTo(Status.BUSY);
        assertThat(byPort().get(1).isReady()).isFalse();
    }

    @Test
    void whoHasLeftIsNotThere() {
        tell(new Update.Reset<>(List.of(near(1), near(2))));
        balancer.call(FakeEndpoints.get()).subscribe();
        tell(new Update.Remove<>(List.of(near(1)), Departure.DRAIN));
        assertThat(byPort()).containsOnlyKeys(2);
        balancer.closeAsync(Duration.ZERO).block();
        assertThat(balancer.endpoints()).isEmpty();
    }
}
