package io.headgate.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Updates, findings, timers and cancellation on several threads. */
class HealthChecksRaceTest {

    private static final int PORTS = 20;

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile boolean allWell;

    private final HealthCheck flapping = new HealthCheck() {
        @Override
        public Mono<Health> check(Endpoint endpoint) {
            return Mono.fromSupplier(() -> allWell || Math.random() < 0.5 ? Health.HEALTHY : Health.unhealthy("flaps"))
                    .subscribeOn(Schedulers.boundedElastic())
                    .doOnSubscribe(subscribed -> underWay.incrementAndGet())
                    .doFinally(ended -> underWay.decrementAndGet());
        }

        @Override
        public EndpointCheck open(Endpoint endpoint) {
            opened.incrementAndGet();
            return new EndpointCheck() {
                @Override
                public Mono<Health> check() {
                    return flapping.check(endpoint);
                }

                @Override
                public void close() {
                    closed.incrementAndGet();
                }
            };
        }
    };

    private final HealthChecks checks = HealthChecks.of(flapping)
            .withInterval(Duration.ofNanos(100_000), 1)
            .withThresholds(1, 1)
            .withConcurrency(4);

    private static Endpoint endpoint(int port) {
        return Endpoint.of("127.0.0.1", port);
    }

    /** Some hundred steps, and the set that they lead to. */
    private static Map<InetSocketAddress, Endpoint> churn(Sinks.Many<Update<Endpoint>> source, long seed) {
        Random random = new Random(seed);
        Map<InetSocketAddress, Endpoint> set = new HashMap<>();
        source.tryEmitNext(new Update.Reset<>(List.of()));
        for (int i = 0; i < 300; i++) {
            Endpoint endpoint = endpoint(1 + random.nextInt(PORTS)).withWeight(random.nextInt(5));
            if (random.nextBoolean()) {
                set.put(endpoint.address(), endpoint);
                source.tryEmitNext(new Update.Upsert<>(List.of(endpoint)));
            } else {
                set.remove(endpoint.address());
                source.tryEmitNext(new Update.Remove<>(List.of(endpoint), Departure.DRAIN));
            }
        }
        return set;
    }

    private static void apply(Map<InetSocketAddress, Endpoint> told, Update<Endpoint> update) {
        if (update instanceof Update.Reset<Endpoint> reset) {
            told.clear();
            reset.members().forEach(member -> told.put(member.address(), member));
        } else if (update instanceof Update.Upsert<Endpoint> upsert) {
            upsert.members().forEach(member -> told.put(member.address(), member));
        } else if (update instanceof Update.Remove<Endpoint> remove) {
            remove.members().forEach(member -> told.remove(member.address()));
        }
    }

    @Test
    void theSubscriberEndsUpWithWhatIsThereAndWell() {
        Sinks.Many<Update<Endpoint>> source = Sinks.many().unicast().onBackpressureBuffer();
        Resolver resolver = name -> source.asFlux();
        Map<InetSocketAddress, Endpoint> told = new ConcurrentHashMap<>();
        Disposable subscription = checks.around(resolver).resolve("orders").subscribe(update -> apply(told, update));
        Map<InetSocketAddress, Endpoint> expected = churn(source, 1);
        allWell = true;

        Awaitility.await().untilAsserted(() -> assertThat(told).isEqualTo(expected));
        subscription.dispose();
        assertNothingIsLeft();
    }

    @Test
    void cancellingAtAnyMomentLeavesNothingBehind() throws Exception {
        for (int round = 0; round < 200; round++) {
            Sinks.Many<Update<Endpoint>> source = Sinks.many().unicast().onBackpressureBuffer();
            Resolver resolver = name -> source.asFlux();
            Disposable subscription = checks.around(resolver).resolve("orders").subscribe();
            CountDownLatch started = new CountDownLatch(1);
            long seed = round;
            Thread updates = new Thread(() -> {
                started.countDown();
                churn(source, seed);
            });
            updates.start();
            started.await();
            for (int spin = 0; spin < round * 50; spin++) {
                Thread.onSpinWait();
            }
            subscription.dispose();
            updates.join();
        }
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() {
        Awaitility.await().untilAsserted(() -> {
            assertThat(closed).hasValue(opened.get());
            assertThat(underWay).hasValue(0);
        });
        assertThat(opened).hasPositiveValue();
    }
}
