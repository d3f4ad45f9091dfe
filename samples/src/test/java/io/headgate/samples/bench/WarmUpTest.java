package io.headgate.samples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WarmUpTest {

    private final WarmUp warmUp = new WarmUp(Duration.ofSeconds(1), Duration.ofMillis(800));

    private void worked(long millis, long compilingMillis) {
        warmUp.worked(TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.MILLISECONDS.toNanos(compilingMillis));
    }

    @Test
    void aTurnComesOnlyAfterCompilersHaveRested() {
        worked(400, 300);
        worked(400, 300);
        worked(400, 300);
        assertThat(warmUp.isOver()).isFalse();
        worked(400, 40);
        assertThat(warmUp.isOver()).isFalse();
        worked(400, 40);
        assertThat(warmUp.isOver()).isTrue();
    }

    @Test
    void restMustLast() {
        worked(1000, 900);
        worked(700, 0);
        worked(400, 41);
        worked(700, 0);
        assertThat(warmUp.isOver()).isFalse();
        worked(100, 10);
        assertThat(warmUp.isOver()).isTrue();
    }

    @Test
    void itTakesItsLeastTime() {
        worked(900, 0);
        assertThat(warmUp.isOver()).isFalse();
        worked(100, 0);
        assertThat(warmUp.isOver()).isTrue();
    }

    @Test
    void compilersThatDoNotRestAreNotWaitedForEndlessly() {
        for (int i = 0; i < 9; i++) {
            worked(1000, 1000);
        }
        assertThat(warmUp.isOver()).isFalse();
        worked(1000, 1000);
        assertThat(warmUp.isOver()).isTrue();
    }
}
