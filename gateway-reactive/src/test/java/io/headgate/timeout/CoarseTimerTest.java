package io.headgate.timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

class CoarseTimerTest {

    private static final Duration GRAIN = Duration.ofMillis(10);

    private final VirtualClock clock = VirtualClock.install();
    private final CoarseTimer timer = CoarseTimer.create();

    @AfterEach
    void uninstall() {
        clock.close();
    }

    private long nowMillis() {
        return clock.now(TimeUnit.MILLISECONDS);
    }

    @Test
    void comesNeverEarlyAndAtMostTwoGrainsLate() {
        for (int millis : new int[] {0, 1, 9, 10, 11, 4_999, 5_120, 5_121, 60_000}) {
            clock.advance(Duration.ofMillis(3));
            List<Long> times = new ArrayList<>();
            long due = nowMillis() + millis;
            timer.schedule(() -> times.add(nowMillis()), Duration.ofMillis(millis));
            clock.advance(Duration.ofMillis(millis).plus(GRAIN).plus(GRAIN));
            assertThat(times).as("%s ms", millis).hasSize(1);
            assertThat(times.get(0)).isBetween(due, due + 20);
        }
    }

    @Test
    void hasOneTimerForManyTasksAndNoneForNone() {
        List<Disposable> tasks = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            tasks.add(timer.schedule(() -> {}, Duration.ofSeconds(1 + i % 60)));
        }
        assertThat(clock.pending()).isEqualTo(1);
        clock.advance(GRAIN);
        assertThat(timer.held()).isEqualTo(5_000);
        tasks.forEach(Disposable::dispose);
        clock.advance(GRAIN);
        assertThat(timer.held()).isZero();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void whatIsCancelledDoesNotRun() {
        AtomicInteger runs = new AtomicInteger();
        Disposable early = timer.schedule(runs::incrementAndGet, GRAIN);
        early.dispose();
        Disposable late = timer.schedule(runs::incrementAndGet, Duration.ofMillis(50));
        clock.advance(Duration.ofMillis(30));
        late.dispose();
        late.dispose();
        clock.advance(Duration.ofSeconds(20));
        assertThat(runs).hasValue(0);
        assertThat(late.isDisposed()).isTrue();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void aTaskThatThrowsDoesNotStopTheOthersAndOneMayAddAnother() {
        AtomicInteger runs = new AtomicInteger();
        timer.schedule(
                () -> {
                    throw new IllegalStateException("made by the test");
                },
                GRAIN);
        timer.schedule(() -> timer.schedule(runs::incrementAndGet, GRAIN), GRAIN);
        clock.advance(Duration.ofMillis(60));
        assertThat(runs).hasValue(1);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void startsAgainAfterItStoodStill() {
        AtomicInteger runs = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            timer.schedule(runs::incrementAndGet, Duration.ofMillis(100));
            clock.advance(Duration.ofMinutes(10));
        }
        assertThat(runs).hasValue(3);
    }

    @Test
    void manyThreadsAddAndCancel() throws Exception {
        clock.close();
        CoarseTimer real = CoarseTimer.on(Schedulers.parallel(), Duration.ofMillis(1));
        int threads = 4;
        int each = 5_000;
        CountDownLatch ran = new CountDownLatch(threads * each / 2);
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                for (int n = 0; n < each; n++) {
                    if (n % 2 == 0) {
                        real.schedule(ran::countDown, Duration.ofMillis(n % 20));
                    } else {
                        real.schedule(wrong::incrementAndGet, Duration.ofMinutes(1))
                                .dispose();
                    }
                }
            });
            all.add(thread);
            thread.start();
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong).hasValue(0);
        org.awaitility.Awaitility.await().until(() -> real.held() == 0);
    }

    @Test
    void refusesAGrainThatIsTooFine() {
        assertThatThrownBy(() -> CoarseTimer.on(clock, Duration.ofNanos(5)))
                .hasMessage("grain: PT0.000000005S (expected: 1 ms or more)");
    }
}
