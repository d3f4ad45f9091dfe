package io.headgate.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.publisher.TestPublisher;

class HealthChecksTest {

    private final VirtualClock clock = VirtualClock.install();
    private final TestPublisher<Update<Endpoint>> source = TestPublisher.create();
    private final Resolver resolver = name -> source.flux();
    private final Asked asked = new Asked();
    private final Told told = new Told();

    @AfterEach
    void realTime() {
        clock.close();
    }

    /** Checks that are answered by hand, or by what was set before. */
    private static final class Asked implements HealthCheck {

        final Map<Integer, Health> answers = new HashMap<>();
        final Map<Integer, Integer> counts = new HashMap<>();
        final Map<Integer, Sinks.One<Health>> open = new HashMap<>();
        final List<Integer> closed = new ArrayList<>();
        final AtomicInteger underWay = new AtomicInteger();
        int most;

        @Override
        public Mono<Health> check(Endpoint endpoint) {
            int port = endpoint.address().getPort();
            counts.merge(port, 1, Integer::sum);
            Health answer = answers.get(port);
            if (answer != null) {
                return Mono.just(answer);
            }
            Sinks.One<Health> sink = Sinks.one();
            open.put(port, sink);
            return sink.asMono()
                    .doOnSubscribe(subscribed -> most = Math.max(most, underWay.incrementAndGet()))
                    .doOnTerminate(() -> over(port, sink))
                    .doOnCancel(() -> over(port, sink));
        }

        private void over(int port, Sinks.One<Health> sink) {
            underWay.decrementAndGet();
            open.remove(port, sink);
        }

        @Override
        public EndpointCheck open(Endpoint endpoint) {
            EndpointCheck check = HealthCheck.super.open(endpoint);
            return new EndpointCheck() {
                @Override
                public Mono<Health> check() {
                    return check.check();
                }

                @Override
                public void close() {
                    closed.add(endpoint.address().getPort());
                }
            };
        }

        int count(int port) {
            return counts.getOrDefault(port, 0);
        }
    }

    /** Takes updates when it wants. */
    private static class Told extends BaseSubscriber<Update<Endpoint>> {

        final List<Update<Endpoint>> updates = new ArrayList<>();
        Throwable error;
        long first = Long.MAX_VALUE;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            if (first > 0) {
                subscription.request(first);
            }
        }

        @Override
        protected void hookOnNext(Update<Endpoint> update) {
            updates.add(update);
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }
    }

    private HealthChecks checks() {
        return HealthChecks.of(asked).withScheduler(clock).withDice(() -> 0.5).withPanic(0);
    }

    private static Endpoint endpoint(int port) {
        return Endpoint.of("127.0.0.1", port);
    }

    private static Update<Endpoint> reset(int... ports) {
        return new Update.Reset<>(
                IntStream.of(ports).mapToObj(HealthChecksTest::endpoint).toList());
    }

    private void start(HealthChecks checks, Update<Endpoint> first) {
        checks.around(resolver).resolve("orders").subscribe(told);
        source.next(first);
    }

    @Test
    void asksAgainAfterTheInterval() {
        asked.answers.put(1, Health.HEALTHY);
        start(checks(), reset(1));
        assertThat(asked.count(1)).isEqualTo(1);
        clock.advance(Duration.ofMillis(4999));
        assertThat(asked.count(1)).isEqualTo(1);
        clock.advance(Duration.ofMillis(1));
        assertThat(asked.count(1)).isEqualTo(2);
        clock.advance(Duration.ofSeconds(50));

        assertThat(asked.count(1)).isEqualTo(12);
        assertThat(told.updates).containsExactly(reset(1));
        told.cancel();
    }

    @Test
    void theIntervalJitters() {
        asked.answers.put(1, Health.HEALTHY);
        start(checks().withInterval(Duration.ofSeconds(10), 0.2).withDice(() -> 0), reset(1));
        clock.advance(Duration.ofSeconds(8));

        assertThat(asked.count(1)).isEqualTo(2);
        told.cancel();
    }

    @Test
    void changesAndPanicsAreCounted() {
        HealthCounts counts = HealthCounts.create();
        asked.answers.put(1, Health.unhealthy("for the test"));
        start(checks().withPanic(0.5).withObserver(counts), reset(1));
        clock.advance(Duration.ofSeconds(10));
        assertThat(counts.falls()).isEqualTo(1);
        assertThat(counts.panics()).isEqualTo(1);
        assertThat(counts.rises()).isZero();
        asked.answers.put(1, Health.HEALTHY);
        clock.advance(Duration.ofSeconds(10));
        assertThat(counts.rises()).isEqualTo(1);
        assertThat(counts.falls()).isEqualTo(1);
        assertThat(counts.panics()).isEqualTo(1);
        told.cancel();
    }

    @Test
    void anUnwellEndpointLeavesAndComesBack() {
        asked.answers.put(1, Health.unhealthy("for the test"));
        asked.answers.put(2, Health.HEALTHY);
        List<String> changes = new ArrayList<>();
        HealthObserver observer = new HealthObserver() {
            @Override
            public void onChange(String name, Endpoint endpoint, Health health) {
                changes.add(name + " " + endpoint + " " + health.detail());
            }
        };
        start(checks().withObserver(observer), reset(1, 2));
        clock.advance(Duration.ofSeconds(10));
        assertThat(told.updates.get(1)).isEqualTo(new Update.Remove<>(List.of(endpoint(1)), Departure.DRAIN));
        asked.answers.put(1, Health.HEALTHY);
        clock.advance(Duration.ofSeconds(10));

        assertThat(told.updates).hasSize(3);
        assertThat(told.updates.get(2)).isEqualTo(new Update.Upsert<>(List.of(endpoint(1))));
        assertThat(changes)
                .containsExactly("orders http://127.0.0.1:1 for the test", "orders http://127.0.0.1:1 healthy");
        told.cancel();
    }

    @Test
    void aCheckThatTakesTooLongHasFailedAndIsCancelled() {
        List<String> details = new ArrayList<>();
        HealthObserver observer = new HealthObserver() {
            @Override
            public void onChange(String name, Endpoint endpoint, Health health) {
                details.add(health.detail());
            }
        };
        start(checks().withThresholds(1, 1).withObserver(observer), reset(1));
        clock.advance(Duration.ofMillis(1999));
        assertThat(asked.underWay).hasValue(1);
        clock.advance(Duration.ofMillis(1));

        assertThat(asked.underWay).hasValue(0);
        assertThat(details).containsExactly("check: no answer (expected: one within 2000 ms)");
        assertThat(told.updates).hasSize(2);
        told.cancel();
    }

    @Test
    void aCheckThatFailsOrSaysNothingOrThrowsHasFailed() {
        List<String> details = new ArrayList<>();
        HealthObserver observer = new HealthObserver() {
            @Override
            public void onChange(String name, Endpoint endpoint, Health health) {
                details.add(endpoint.address().getPort() + " " + health.detail());
            }
        };
        HealthCheck broken = endpoint -> switch (endpoint.address().getPort()) {
            case 1 -> Mono.error(new IllegalStateException("one"));
            case 2 -> Mono.empty();
            default -> throw new IllegalStateException("three");
        };
        HealthChecks.of(broken)
                .withScheduler(clock)
                .withThresholds(1, 1)
                .withObserver(observer)
                .around(resolver)
                .resolve("orders")
                .subscribe(told);
        source.next(reset(1, 2, 3));

        assertThat(details)
                .containsExactlyInAnyOrder(
                        "1 check: java.lang.IllegalStateException: one",
                        "2 check: nothing (expected: a finding)",
                        "3 check: java.lang.IllegalStateException: three");
        told.cancel();
    }

    @Test
    void checkedFirstIsToldAfterItsCheck() {
        start(checks().withCheckedFirst(true), reset(1, 2));
        assertThat(told.updates).isEmpty();
        asked.open.get(2).tryEmitValue(Health.HEALTHY);
        assertThat(told.updates).containsExactly(reset(2));
        asked.open.get(1).tryEmitValue(Health.HEALTHY);

        assertThat(told.updates).hasSize(2);
        told.cancel();
    }

    @Test
    void noMoreChecksAtATimeThanAllowed() {
        start(checks().withConcurrency(3), reset(IntStream.rangeClosed(1, 10).toArray()));
        assertThat(asked.underWay).hasValue(3);
        while (!asked.open.isEmpty()) {
            asked.open.values().iterator().next().tryEmitValue(Health.HEALTHY);
        }
        assertThat(asked.counts).hasSize(10);
        assertThat(asked.most).isEqualTo(3);
        told.cancel();
    }

    @Test
    void anEndpointThatLeavesIsAskedNoMore() {
        asked.answers.put(1, Health.HEALTHY);
        start(checks().withConcurrency(2), reset(1, 2, 3));
        assertThat(asked.underWay).as("3 waits for its next turn").hasValue(2);
        source.next(new Update.Remove<>(List.of(endpoint(1), endpoint(2), endpoint(3)), Departure.DROP));

        assertThat(asked.underWay).hasValue(0);
        assertThat(asked.closed).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(clock.pending()).isZero();
        source.next(reset(4, 5));
        assertThat(asked.underWay).as("the places are free").hasValue(2);
        told.cancel();
    }

    @Test
    void cancellingStopsAll() {
        asked.answers.put(1, Health.HEALTHY);
        start(checks(), reset(1, 2, 3));
        assertThat(clock.pending()).isPositive();
        told.cancel();

        assertThat(asked.underWay).hasValue(0);
        assertThat(asked.closed).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(clock.pending()).isZero();
        source.assertCancelled();
    }

    @Test
    void cancellingInTheMiddleOfAnUpdateStopsAll() {
        Told cancels = new Told() {
            @Override
            protected void hookOnNext(Update<Endpoint> update) {
                super.hookOnNext(update);
                cancel();
            }
        };
        checks().around(resolver).resolve("orders").subscribe(cancels);
        source.next(reset(1, 2));

        assertThat(cancels.updates).hasSize(1);
        assertThat(asked.underWay).hasValue(0);
        assertThat(clock.pending()).isZero();
        source.assertCancelled();
    }

    @Test
    void aSourceThatRefusesTheNameEndsTheStreamAndTheChecks() {
        start(checks(), reset(1));
        IllegalStateException refused = new IllegalStateException("made by the test");
        source.error(refused);

        assertThat(told.error).isSameAs(refused);
        assertThat(asked.underWay).hasValue(0);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void whatACompletedSourceToldGoesOnBeingChecked() {
        asked.answers.put(1, Health.HEALTHY);
        start(checks(), reset(1));
        source.complete();
        clock.advance(Duration.ofSeconds(5));

        assertThat(asked.count(1)).isEqualTo(2);
        assertThat(told.isDisposed()).isFalse();
        told.cancel();
    }

    @Test
    void updatesThatWaitArePutTogether() {
        told.first = 1;
        asked.answers.put(1, Health.HEALTHY);
        start(checks(), reset(1));
        for (int port = 2; port <= 100; port++) {
            asked.answers.put(port, Health.HEALTHY);
            source.next(new Update.Upsert<>(List.of(endpoint(port))));
            source.next(new Update.Remove<>(List.of(endpoint(port - 1)), Departure.DRAIN));
        }
        assertThat(told.updates).containsExactly(reset(1));
        told.request(10);

        assertThat(told.updates)
                .containsExactly(
                        reset(1),
                        new Update.Upsert<>(List.of(endpoint(100))),
                        new Update.Remove<>(List.of(endpoint(1)), Departure.DRAIN));
        told.cancel();
    }

    @Test
    void eachSubscriptionChecksForItself() {
        asked.answers.put(1, Health.HEALTHY);
        Resolver healthy = checks().around(resolver);
        Told other = new Told();
        healthy.resolve("orders").subscribe(told);
        healthy.resolve("orders").subscribe(other);
        source.next(reset(1));
        assertThat(asked.count(1)).isEqualTo(2);
        told.cancel();
        clock.advance(Duration.ofSeconds(5));

        assertThat(asked.count(1)).isEqualTo(3);
        other.cancel();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> checks().withInterval(Duration.ZERO, 0))
                .withMessage("interval: PT0S (expected: more than nothing)");
        assertThatIllegalArgumentException().isThrownBy(() -> checks().withThresholds(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> checks().withPanic(2));
        assertThatIllegalArgumentException().isThrownBy(() -> checks().withConcurrency(0));
        assertThatIllegalArgumentException().isThrownBy(() -> checks().withTimeout(Duration.ofSeconds(-1)));
    }
}
