package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.breaker.FailureWindow.Sum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureWindowTest {

    private final HandClock clock = new HandClock();
    private final FailureWindow window =
            new FailureWindow(Duration.ofSeconds(10).toNanos(), clock.getAsLong());

    @Test
    void countsCallsAndFailures() {
        window.success(clock.getAsLong());
        window.failure(clock.getAsLong());
        window.failure(clock.getAsLong());

        assertThat(window.sum(clock.getAsLong())).isEqualTo(new Sum(3, 2));
    }

    @Test
    void forgetsABucketAtATime() {
        for (int second = 0; second < 10; second++) {
            window.failure(clock.getAsLong());
            clock.advanceMillis(1000);
        }
        for (int left = 9; left >= 0; left--) {
            assertThat(window.sum(clock.getAsLong())).isEqualTo(new Sum(left, left));
            clock.advanceMillis(1000);
        }
    }

    @Test
    void aBucketIsUsedAgain() {
        window.failure(clock.getAsLong());
        clock.advanceMillis(10_000);
        window.success(clock.getAsLong());

        assertThat(window.sum(clock.getAsLong())).isEqualTo(new Sum(1, 0));
    }

    @Test
    void anIdleTimeLeavesNothing() {
        window.failure(clock.getAsLong());
        clock.advance(Duration.ofDays(3));

        assertThat(window.sum(clock.getAsLong())).isEqualTo(Sum.NONE);
    }

    @Test
    void aClockThatIsALittleBehindCountsToo() {
        long before = clock.getAsLong() - 1000;
        window.failure(before);

        assertThat(window.sum(clock.getAsLong())).isEqualTo(new Sum(1, 1));
    }

    @Test
    void aBucketThatIsFullStaysFull() {
        int full = (1 << 22) - 1;
        for (int i = 0; i < full + 10; i++) {
            window.failure(clock.getAsLong());
        }
        assertThat(window.sum(clock.getAsLong())).isEqualTo(new Sum(full, full));
    }

    @Test
    void losesNothingWhenManyCount() throws Exception {
        int each = 50_000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean fails = i % 2 == 0;
            threads.add(new Thread(() -> {
                for (int n = 0; n < each; n++) {
                    if (fails) {
                        window.failure(clock.getAsLong());
                    } else {
                        window.success(clock.getAsLong());
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(window.sum(clock.getAsLong())).isEqualTo(new Sum(4L * each, 2L * each));
    }
}
