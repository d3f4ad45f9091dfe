package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UntilTest {

    @Test
    void waitsForTheConditionWithinItsBound() throws InterruptedException {
        AtomicInteger looks = new AtomicInteger();

        assertThat(Until.met(() -> looks.incrementAndGet() > 3, Duration.ofMinutes(1)))
                .isTrue();
        assertThat(Until.met(() -> false, Duration.ofMillis(1))).isFalse();
    }

    @Test
    void interruptionEndsTheWait() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> Until.met(() -> false, Duration.ofMinutes(1)));
    }
}
