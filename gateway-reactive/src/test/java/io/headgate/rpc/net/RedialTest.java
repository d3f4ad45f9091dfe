package io.headgate.rpc.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RedialTest {

    private final AtomicLong now = new AtomicLong(1000);
    private final Redial redial =
            new Redial(Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(1)), now::get, () -> 0.0);

    @Test
    void waitsTwiceAsLongAfterEachFailureUpToTheMost() {
        assertThat(redial.left()).isZero();
        redial.failed("refused");
        assertThat(redial.left()).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(redial.cause()).isEqualTo("refused");
        redial.failed("refused");
        assertThat(redial.left()).isEqualTo(Duration.ofMillis(200).toNanos());
        for (int i = 0; i < 10; i++) {
            redial.failed("refused");
        }
        assertThat(redial.left()).isEqualTo(Duration.ofSeconds(1).toNanos());
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(redial.left()).isZero();
    }

    @Test
    void aConnectionThatLastedIsDialledAgainAtOnce() {
        redial.failed("refused");
        long opened = redial.now();
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        redial.ended(opened, "lost");
        assertThat(redial.left()).isZero();
    }

    @Test
    void aConnectionThatDidNotLastCountsAsAFailure() {
        redial.ended(redial.now(), "too many clients");
        assertThat(redial.left()).isPositive();
        assertThat(redial.cause()).isEqualTo("too many clients");
    }
}
