package io.headgate.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

class SharedResolverTest {

    private static final Endpoint A = Endpoint.of("10.0.0.1", 80);
    private static final Endpoint B = Endpoint.of("10.0.0.2", 80);
    private static final Endpoint C = Endpoint.of("10.0.0.3", 80);
    private static final Endpoint D = Endpoint.of("10.0.0.4", 80);

    private final List<Sinks.Many<Update<Endpoint>>> sources = new ArrayList<>();
    private final Resolver source = name -> Flux.defer(() -> {
        sources.add(Sinks.many().unicast().onBackpressureBuffer());
        return sources.get(sources.size() - 1).asFlux();
    });
    private final Resolver shared = source.shared();

    @Test
    void allSubscribersOfANameShareOneSubscription() {
        Watcher one = watch();
        tell(new Reset<>(List.of(A)));
        Watcher two = watch();
        watch("carts");

        assertThat(sources).hasSize(2);
        assertThat(one.told()).containsExactly(new Reset<>(List.of(A)));
        assertThat(two.told()).containsExactly(new Reset<>(List.of(A)));
    }

    @Test
    void whatChangesNothingIsNotTold() {
        Watcher watcher = watch();
        tell(new Reset<>(List.of(A, B)));
        watcher.told();
        tell(new Reset<>(List.of(B, A)));
        tell(new Upsert<>(List.of(A)));
        tell(new Remove<>(List.of(C), Departure.DROP));

        assertThat(watcher.told()).isEmpty();
    }

    @Test
    void onlyTheDifferenceIsTold() {
        Watcher watcher = watch();
        tell(new Reset<>(List.of(A, B, C)));
        watcher.told();
        tell(new Reset<>(List.of(B, C, D)));
        tell(new Upsert<>(List.of(A, B)));
        tell(new Remove<>(List.of(A, Endpoint.of("10.9.9.9", 1)), Departure.DROP));

        assertThat(watcher.told())
                .containsExactly(
                        new Upsert<>(List.of(D)),
                        new Remove<>(List.of(A), Departure.DRAIN),
                        new Upsert<>(List.of(A)),
                        new Remove<>(List.of(A), Departure.DROP));
    }

    @Test
    void aWholeSetThatIsShorterThanTheDifferenceIsToldWhole() {
        Watcher watcher = watch();
        tell(new Reset<>(List.of(A, B, C)));
        watcher.told();
        tell(new Reset<>(List.of(D)));

        assertThat(watcher.told()).containsExactly(new Reset<>(List.of(D)));
    }

    @Test
    void whatASlowSubscriberNeverSawIsNotTakenAway() {
        Watcher slow = watch(1);
        tell(new Reset<>(List.of(A)));
        slow.told();
        tell(new Upsert<>(List.of(B)));
        tell(new Upsert<>(List.of(B.withWeight(3), C)));
        tell(new Remove<>(List.of(B), Departure.DROP));
        slow.request(10);

        assertThat(slow.told()).containsExactly(new Upsert<>(List.of(C)));
    }

    @Test
    void whatComesBackAsItWasIsNotTold() {
        Watcher slow = watch(1);
        tell(new Reset<>(List.of(A, B)));
        slow.told();
        tell(new Remove<>(List.of(A), Departure.DRAIN));
        tell(new Upsert<>(List.of(A)));
        slow.request(10);

        assertThat(slow.told()).isEmpty();
    }

    @Test
    void thoseThatComeAreToldBeforeThoseThatLeaveOneStepForEachKind() {
        Watcher slow = watch(1);
        Endpoint fifth = Endpoint.of("10.0.0.5", 80);
        tell(new Reset<>(List.of(A, B, C, fifth)));
        slow.told();
        tell(new Remove<>(List.of(A), Departure.DROP));
        tell(new Remove<>(List.of(B), Departure.DRAIN));
        tell(new Upsert<>(List.of(D)));
        slow.request(1);
        assertThat(slow.told()).containsExactly(new Upsert<>(List.of(D)));
        slow.request(1);
        assertThat(slow.told()).containsExactly(new Remove<>(List.of(B), Departure.DRAIN));
        slow.request(1);
        assertThat(slow.told()).containsExactly(new Remove<>(List.of(A), Departure.DROP));
    }

    @Test
    void aSlowSubscriberIsToldTheWholeSetWhenThatIsShorterAndWhatIsGoneForCertainBefore() {
        Watcher slow = watch(1);
        tell(new Reset<>(List.of(A, B, C)));
        slow.told();
        tell(new Remove<>(List.of(A), Departure.DROP));
        tell(new Reset<>(List.of(D)));
        slow.request(10);

        assertThat(slow.told()).containsExactly(new Remove<>(List.of(A), Departure.DROP), new Reset<>(List.of(D)));
    }

    @Test
    void aSlowSubscriberIsToldOfAbsenceOnlyWhileItLasts() {
        Watcher slow = watch(1);
        tell(new Reset<>(List.of(A)));
        slow.told();
        tell(new Absent<>());
        tell(new Reset<>(List.of(A, B)));
        slow.request(10);
        assertThat(slow.told()).containsExactly(new Upsert<>(List.of(B)));

        tell(new Absent<>());
        assertThat(slow.told()).containsExactly(new Absent<>());
        tell(new Upsert<>(List.of(C)));
        assertThat(slow.told()).containsExactly(new Reset<>(List.of(C)));
    }

    @Test
    void aSubscriberThatAsksLateIsToldTheStateOfThen() {
        Watcher late = watch(0);
        tell(new Reset<>(List.of(A)));
        tell(new Upsert<>(List.of(B)));
        late.request(1);

        assertThat(late.told()).containsExactly(new Reset<>(List.of(A, B)));
    }

    @Test
    void theSubscriptionEndsWithTheLastSubscriber() {
        Watcher one = watch();
        Watcher two = watch();
        one.cancel();
        assertThat(sources.get(0).currentSubscriberCount()).isOne();
        two.cancel();
        assertThat(sources.get(0).currentSubscriberCount()).isZero();

        watch();
        assertThat(sources).hasSize(2);
    }

    @Test
    void theSubscriptionLingersForTheNextSubscriber() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Resolver lingering = source.shared(Duration.ofSeconds(10), time);
        Watcher.of(lingering.resolve("orders")).cancel();
        tell(new Reset<>(List.of(A)));
        time.advanceTimeBy(Duration.ofSeconds(9));
        Watcher second = Watcher.of(lingering.resolve("orders"));
        assertThat(second.told()).containsExactly(new Reset<>(List.of(A)));

        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(sources.get(0).currentSubscriberCount()).isOne();
        second.cancel();
        time.advanceTimeBy(Duration.ofSeconds(10));
        assertThat(sources.get(0).currentSubscriberCount()).isZero();
    }

    @Test
    void aRefusalIsToldToAllAndTheNextOneAsksAgain() {
        Watcher one = watch();
        sources.get(0).tryEmitError(new IllegalArgumentException("no"));
        assertThat(one.error()).hasMessage("no");

        Watcher two = watch();
        tell(new Reset<>(List.of(A)));
        assertThat(two.told()).containsExactly(new Reset<>(List.of(A)));
    }

    @Test
    void aSourceThatThrowsHasRefused() {
        Resolver broken = name -> {
            throw new IllegalArgumentException("name: " + name);
        };
        Resolver both = broken.shared();

        assertThat(Watcher.of(both.resolve("orders")).error()).hasMessage("name: orders");
        assertThat(Watcher.of(both.resolve("orders")).error()).hasMessage("name: orders");
    }

    @Test
    void aSourceThatEndsIsNotMistakenForOneWithoutChanges() {
        Watcher one = watch();
        sources.get(0).tryEmitComplete();

        assertThat(one.error()).isInstanceOf(LostStreamException.class);
    }

    @Test
    void aSubscriberThatThrowsHarmsNoOther() {
        Flux<Update<Endpoint>> updates = shared.resolve("orders");
        List<Throwable> errors = new ArrayList<>();
        updates.subscribe(
                update -> {
                    throw new IllegalStateException("broken");
                },
                errors::add);
        Watcher other = watch();
        tell(new Reset<>(List.of(A)));

        assertThat(other.told()).containsExactly(new Reset<>(List.of(A)));
        assertThat(errors).hasSize(1);
    }

    @Test
    void aSubscriberMayCancelWhileItIsTold() {
        Watcher other = watch();
        shared.resolve("orders").take(1).subscribe();
        tell(new Reset<>(List.of(A)));
        tell(new Upsert<>(List.of(B)));

        assertThat(other.told()).hasSize(2);
    }

    @Test
    void manySubscribersThatComeAndGoWhileTheSetChangesAgreeAtTheEnd() throws Exception {
        EndpointRegistry registry = new EndpointRegistry();
        AtomicInteger subscriptions = new AtomicInteger();
        Resolver counted = ((Resolver) name -> registry.resolve(name)
                        .doOnSubscribe(subscribed -> subscriptions.incrementAndGet())
                        .doFinally(end -> subscriptions.decrementAndGet()))
                .shared();
        registry.reset("orders", List.of(A));
        List<EndpointSet> sets = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        CountDownLatch changed = new CountDownLatch(1);
        for (int t = 0; t < 3; t++) {
            threads.add(new Thread(() -> {
                for (int i = 0; i < 300; i++) {
                    counted.resolve("orders").limitRate(1).take(2).subscribe().dispose();
                    EndpointSet set = new EndpointSet();
                    sets.add(set);
                    counted.resolve("orders")
                            .limitRate(1)
                            .doOnNext(set::apply)
                            .takeUntil(update -> set.get(D.address()) != null)
                            .subscribe();
                }
            }));
        }
        threads.add(new Thread(() -> {
            for (int i = 0; i < 2_000; i++) {
                int number = ThreadLocalRandom.current().nextInt(100);
                registry.upsert("orders", Endpoint.of("10.1.0." + number, 80).withWeight(i));
                registry.remove("orders", Departure.DROP, Endpoint.of("10.1.0." + number / 2, 80));
            }
            changed.countDown();
        }));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        registry.reset("orders", List.of(A, D));

        assertThat(changed.getCount()).isZero();
        assertThat(sets)
                .hasSize(900)
                .allSatisfy(set -> assertThat(set.endpoints()).containsExactlyInAnyOrder(A, D));
        assertThat(subscriptions).hasValue(0);
    }

    @Test
    void whatWaitsIsNeverMuchLargerThanTheSet() {
        Outbox outbox = new Outbox();
        EndpointSet set = new EndpointSet();
        outbox.add(Delta.of(set, new Reset<>(List.of(A))));
        assertThat(outbox.next(set)).isEqualTo(new Reset<>(List.of(A)));
        for (int i = 0; i < 10_000; i++) {
            Endpoint passing = Endpoint.of("10.2." + i / 250 + "." + i % 250, 80);
            outbox.add(Delta.of(set, new Upsert<>(List.of(passing))));
            outbox.add(Delta.of(set, new Remove<>(List.of(passing), Departure.DROP)));
        }
        assertThat(outbox.isEmpty(set.presence())).isTrue();
    }

    @Test
    void aNegativeLingerIsRefused() {
        assertThatThrownBy(() -> source.shared(Duration.ofSeconds(-1), VirtualTimeScheduler.create()))
                .hasMessage("linger: PT-1S (expected: zero or more)");
    }

    private Watcher watch() {
        return watch("orders");
    }

    private Watcher watch(String name) {
        return Watcher.of(shared.resolve(name));
    }

    private Watcher watch(long demand) {
        return Watcher.of(shared.resolve("orders"), demand);
    }

    private void tell(Update<Endpoint> update) {
        sources.get(sources.size() - 1).tryEmitNext(update).orThrow();
    }
}
