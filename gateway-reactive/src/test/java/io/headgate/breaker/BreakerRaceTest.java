package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.breaker.Breaker.Permit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many threads and one breaker. */
class BreakerRaceTest {

    private static final int THREADS = 4;
    private static final BreakerSettings SETTINGS = BreakerSettings.DEFAULTS.withConsecutiveFailures(1);

    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void race(Work work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            tasks.add(new FutureTask<>(() -> {
                start.await();
                work.run(thread);
                return null;
            }));
        }
        tasks.forEach(task -> new Thread(task, "race").start());
        for (FutureTask<Void> task : tasks) {
            task.get();
        }
    }

    @Test
    void ofAllWhoSeeItOpenOneProbes() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            HandClock clock = new HandClock();
            Breaker breaker = new Breaker(SETTINGS, BreakerListener.NONE, clock, () -> 0);
            breaker.acquire().failure();
            clock.advanceMillis(1000);
            AtomicInteger permits = new AtomicInteger();
            race(thread -> {
                if (breaker.isWelcome() && breaker.acquire() != null) {
                    permits.incrementAndGet();
                }
            });
            assertThat(permits).hasValue(1);
        }
    }

    @Test
    void thereIsNeverMoreThanOneProbeAndNoneIsLost() throws Exception {
        AtomicLong time = new AtomicLong();
        AtomicInteger changes = new AtomicInteger();
        Breaker breaker = new Breaker(
                SETTINGS.withProbeLimit(java.time.Duration.ofDays(1)),
                (from, to) -> changes.incrementAndGet(),
                () -> time.addAndGet(1_000_000), // each look at the clock takes a millisecond
                () -> 0);
        breaker.acquire().failure();
        AtomicInteger probing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger probes = new AtomicInteger();
        race(thread -> {
            for (int i = 0; i < 50_000; i++) {
                Permit permit = breaker.acquire();
                if (permit == null) {
                    continue;
                }
                most.accumulateAndGet(probing.incrementAndGet(), Math::max);
                probes.incrementAndGet();
                Thread.onSpinWait();
                probing.decrementAndGet();
                if (ThreadLocalRandom.current().nextBoolean()) {
                    permit.release();
                } else {
                    permit.failure();
                }
            }
        });
        assertThat(most).as("probes at a time").hasValue(1);
        assertThat(probes).hasValueGreaterThan(1);
        assertThat(breaker.stats().probes()).isEqualTo(probes.get());
        time.addAndGet(120_000_000_000L);
        assertThat(breaker.acquire()).as("the place is free again").isNotNull();
    }

    @Test
    void opensOnceForFailuresThatComeTogether() throws Exception {
        for (int round = 0; round < 1_000; round++) {
            Breaker breaker = new Breaker(SETTINGS, BreakerListener.NONE, new HandClock(), () -> 0);
            List<Permit> permits = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                permits.add(breaker.acquire());
            }
            race(thread -> permits.get(thread).failure());
            assertThat(breaker.stats().openings()).isEqualTo(1);
            assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        }
    }
}
