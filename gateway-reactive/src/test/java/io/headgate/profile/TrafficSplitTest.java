package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.Trait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class TrafficSplitTest {

    private static final Duration GRACE = Duration.ofSeconds(7);

    /** Answers with its name. */
    private static final class Named implements Service<String, String> {

        private final String name;
        private final AtomicInteger calls = new AtomicInteger();
        private final List<Duration> closes = new ArrayList<>();
        private volatile Status status = Status.OPEN;

        Named(String name) {
            this.name = name;
        }

        @Override
        public Mono<String> call(String input) {
            return Mono.fromSupplier(() -> {
                calls.incrementAndGet();
                return status == Status.CLOSED ? "closed" : name;
            });
        }

        @Override
        public Status status() {
            return status;
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.fromRunnable(() -> {
                status = Status.CLOSED;
                closes.add(grace);
            });
        }
    }

    private final Map<String, Named> made = new HashMap<>();
    private final ServiceFactory<String, String, String> factory = authority -> {
        Named service = new Named(authority);
        assertThat(made.put(authority, service)).as("made twice: %s", authority).isNull();
        return service;
    };
    private final Named below = new Named("below");
    private final Random random = new Random(7);

    private Service<String, String> weighted(WeightedTarget... targets) {
        return TrafficSplit.weighted(factory, targets)
                .withGrace(GRACE)
                .withDice(bound -> Math.floorMod(random.nextLong(), bound))
                .wrap(below);
    }

    private Map<String, Integer> answers(Service<String, String> split, int calls) {
        Map<String, Integer> answers = new HashMap<>();
        for (int i = 0; i < calls; i++) {
            split.call("x").subscribe(answer -> answers.merge(answer, 1, Integer::sum));
        }
        return answers;
    }

    private static WeightedTarget target(String authority, long weight) {
        return new WeightedTarget(authority, weight);
    }

    private static void assertRefused(Mono<String> call) {
        StepVerifier.create(call)
                .expectErrorSatisfies(error -> {
                    assertThat(error).isInstanceOf(NoTargetException.class);
                    assertThat(((GatewayException) error).status()).isEqualTo(503);
                    assertThat(((GatewayException) error).traits())
                            .containsExactlyInAnyOrder(Trait.RETRYABLE, Trait.REJECTED);
                    assertThat(error.getStackTrace()).isEmpty();
                })
                .verify();
    }

    @Test
    void callsAreSplitByWeight() {
        Map<String, Integer> answers = answers(weighted(target("a", 80), target("b", 20)), 10_000);
        assertThat(answers).containsOnlyKeys("a", "b");
        assertThat(answers.get("b") / 10_000.0).isCloseTo(0.2, within(0.015));
    }

    @Test
    void theSameTargetTwiceIsOneWithBothWeights() {
        Map<String, Integer> answers = answers(weighted(target("a", 10), target("b", 20), target("a", 70)), 10_000);
        assertThat(answers.get("a") / 10_000.0).isCloseTo(0.8, within(0.015));
    }

    @Test
    void aTargetThatIsNotReadyGetsNothing() {
        Service<String, String> split = weighted(target("a", 80), target("b", 15), target("c", 5));
        made.get("a").status = Service.Status.BUSY;
        Map<String, Integer> answers = answers(split, 10_000);
        assertThat(answers).containsOnlyKeys("b", "c");
        assertThat(answers.get("b") / 10_000.0).isCloseTo(0.75, within(0.015));
        assertThat(split.status()).isEqualTo(Service.Status.OPEN);

        made.get("a").status = Service.Status.OPEN;
        assertThat(answers(split, 1_000)).containsKey("a");
    }

    @Test
    void whenNoTargetIsReadyCallsAreRefused() {
        Service<String, String> split = weighted(target("a", 80), target("b", 20));
        made.values().forEach(service -> service.status = Service.Status.BUSY);
        assertThat(split.status()).isEqualTo(Service.Status.BUSY);
        assertRefused(split.call("x"));
        assertThat(made.get("a").calls).hasValue(0);
        assertThat(below.calls).hasValue(0);
    }

    @Test
    void withoutTargetsCallsGoBelow() {
        Service<String, String> split = weighted();
        assertThat(answers(split, 3)).containsExactly(Map.entry("below", 3));
        below.status = Service.Status.BUSY;
        assertThat(split.status()).isEqualTo(Service.Status.BUSY);
    }

    @Test
    void eachSubscriptionIsDrawnForItself() {
        List<Long> draws = new ArrayList<>(List.of(0L, 1L));
        Mono<String> call = TrafficSplit.weighted(factory, target("a", 1), target("b", 1))
                .withDice(bound -> draws.remove(0))
                .wrap(below)
                .call("x");
        StepVerifier.create(Flux.concat(call, call)).expectNext("a", "b").verifyComplete();
    }

    @Test
    void failoverTakesTheFirstThatIsReady() {
        Service<String, String> split =
                TrafficSplit.failover(factory, "a", "b", "c").wrap(below);
        assertThat(answers(split, 10)).containsExactly(Map.entry("a", 10));
        made.get("a").status = Service.Status.BUSY;
        assertThat(answers(split, 10)).containsExactly(Map.entry("b", 10));
        made.get("b").status = Service.Status.CLOSED;
        assertThat(answers(split, 10)).containsExactly(Map.entry("c", 10));
        made.get("a").status = Service.Status.OPEN;
        assertThat(answers(split, 10)).containsExactly(Map.entry("a", 10));
        made.values().forEach(service -> service.status = Service.Status.BUSY);
        assertRefused(split.call("x"));
    }

    @Test
    void aListThatChangesKeepsWhatStaysAndClosesWhatGoes() {
        TestPublisher<List<WeightedTarget>> lists = TestPublisher.create();
        Service<String, String> split =
                TrafficSplit.weighted(factory, lists.flux()).withGrace(GRACE).wrap(below);
        assertThat(answers(split, 5)).containsExactly(Map.entry("below", 5));

        lists.next(List.of(target("a", 1), target("b", 1)));
        Named kept = made.get("b");
        assertThat(answers(split, 100)).containsOnlyKeys("a", "b");

        lists.next(List.of(target("c", 1), target("b", 3)));
        assertThat(made.get("a").closes).containsExactly(GRACE);
        assertThat(made.get("b")).isSameAs(kept);
        assertThat(kept.closes).isEmpty();
        assertThat(answers(split, 100)).containsOnlyKeys("b", "c");

        lists.next(List.of());
        assertThat(kept.closes).containsExactly(GRACE);
        assertThat(answers(split, 5)).containsExactly(Map.entry("below", 5));
    }

    @Test
    void theLastListStaysWhenTheStreamFails() {
        TestPublisher<List<String>> lists = TestPublisher.create();
        Service<String, String> split =
                TrafficSplit.failover(factory, lists.flux()).wrap(below);
        lists.next(List.of("a"));
        lists.error(new IllegalStateException("made by the test"));
        assertThat(answers(split, 5)).containsExactly(Map.entry("a", 5));
    }

    @Test
    void aListThatCannotBeUsedChangesNothing() {
        TestPublisher<List<WeightedTarget>> lists = TestPublisher.create();
        Service<String, String> split = TrafficSplit.weighted(
                        authority -> {
                            if (authority.equals("bad")) {
                                throw new IllegalArgumentException("made by the test");
                            }
                            return factory.create(authority);
                        },
                        lists.flux())
                .wrap(below);
        lists.next(List.of(target("a", 1)));
        lists.next(List.of(target("b", 1), target("bad", 1)));
        assertThat(answers(split, 5)).containsExactly(Map.entry("a", 5));
        assertThat(made.get("a").closes).isEmpty();
        assertThat(made.get("b").closes).as("made for nothing").hasSize(1);
    }

    @Test
    void closingLeavesTheStreamAndClosesAll() {
        TestPublisher<List<WeightedTarget>> lists = TestPublisher.create();
        Service<String, String> split =
                TrafficSplit.weighted(factory, lists.flux()).wrap(below);
        lists.next(List.of(target("a", 1), target("b", 1)));
        Duration patience = Duration.ofSeconds(3);
        StepVerifier.create(split.closeAsync(patience)).verifyComplete();
        assertThat(lists.wasCancelled()).isTrue();
        assertThat(made.get("a").closes).containsExactly(patience);
        assertThat(made.get("b").closes).containsExactly(patience);
        assertThat(below.closes).containsExactly(patience);
        assertThat(split.status()).isEqualTo(Service.Status.CLOSED);
    }

    /** Calls on many threads while targets come and go: none meets a closed one. */
    @Test
    void noCallGoesToATargetThatHasLeft() throws Exception {
        AtomicInteger closedCalls = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(3);
        TestPublisher<List<WeightedTarget>> lists = TestPublisher.create();
        Service<String, String> split = TrafficSplit.<String, String>weighted(
                        authority -> new Named(authority), lists.flux())
                .withGrace(Duration.ZERO)
                .wrap(below);
        lists.next(List.of(target("0", 1)));
        List<FutureTask<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            callers.add(new FutureTask<>(() -> {
                int calls = 0;
                while (!over.get() || calls < 1_000) {
                    split.call("x")
                            .subscribe(
                                    answer -> {
                                        if (answer.equals("closed")) {
                                            closedCalls.incrementAndGet();
                                        }
                                    },
                                    error -> closedCalls.incrementAndGet());
                    calls++;
                    if (calls == 100) {
                        started.countDown();
                    }
                }
                return calls;
            }));
        }
        callers.forEach(caller -> new Thread(caller, "caller").start());
        started.await();
        for (int i = 1; i < 5_000; i++) {
            lists.next(List.of(target(String.valueOf(i % 7), 1), target(String.valueOf(i % 3), 1)));
        }
        over.set(true);
        for (FutureTask<Integer> caller : callers) {
            assertThat(caller.get()).isPositive();
        }
        assertThat(closedCalls).hasValue(0);
    }

    @Test
    void namesItsTargets() {
        Service<String, String> split = weighted(target("a", 1), target("b", 1));
        made.get("b").status = Service.Status.BUSY;
        assertThat(split.describe()).startsWith("traffic-split to [a, b (not ready)]\n");
    }

    @Test
    void aGraceThatIsNoneIsRefused() {
        assertThatThrownBy(() -> TrafficSplit.weighted(factory).withGrace(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("grace: PT-1S (expected: 0 or more)");
        assertThatThrownBy(() -> target("a", 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
