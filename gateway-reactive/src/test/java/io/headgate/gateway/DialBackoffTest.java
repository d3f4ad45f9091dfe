package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DialBackoffTest {

    private static final IOException REFUSED = new IOException("refused");

    private long now = 1_000;
    private double chance;
    private final DialBackoff backoff = new DialBackoff(() -> now, () -> chance);

    private void pass(long millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    @Test
    void nothingIsHeldBackBeforeTheFirstFailure() {
        assertThat(backoff.permits()).isTrue();
        assertThat(backoff.permits()).isTrue();
        assertThat(backoff.isWaiting()).isFalse();
    }

    @Test
    void oneAttemptAtATimeAfterAFailureAndAWait() {
        backoff.failed(REFUSED);
        assertThat(backoff.cause()).isSameAs(REFUSED);
        assertThat(backoff.isWaiting()).isTrue();
        pass(99);
        assertThat(backoff.permits()).isFalse();
        pass(1);
        assertThat(backoff.isWaiting()).isFalse();
        assertThat(backoff.permits()).isTrue();
        assertThat(backoff.permits()).isFalse();
        assertThat(backoff.isWaiting()).isTrue();
        backoff.succeeded();
        assertThat(backoff.cause()).isNull();
        assertThat(backoff.permits()).isTrue();
    }

    @Test
    void waitsDoubleUpToAMinute() {
        long[] millis = {100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000};
        for (long wait : millis) {
            assertThat(backoff.permits()).as("before a wait of %s ms", wait).isTrue();
            backoff.failed(REFUSED);
            pass(wait - 1);
            assertThat(backoff.permits()).isFalse();
            pass(1);
        }
    }

    @Test
    void aTenthIsLeftToChance() {
        chance = 0.999;
        backoff.failed(REFUSED);
        pass(109);
        assertThat(backoff.permits()).isFalse();
        pass(1);
        assertThat(backoff.permits()).isTrue();
    }

    @Test
    void attemptsThatFailTogetherCountOnce() {
        backoff.failed(REFUSED);
        backoff.failed(REFUSED);
        backoff.failed(REFUSED);
        pass(100);
        assertThat(backoff.permits()).isTrue();
    }
}
