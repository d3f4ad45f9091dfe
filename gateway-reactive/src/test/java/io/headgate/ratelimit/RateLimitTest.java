package io.headgate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    @Test
    void refusesWhatCannotBeKept() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimit.perSecond(0))
                .withMessage("requests: 0 (expected: at least 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.of(1, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.of(1, Duration.ofDays(367)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimit.perSecond(1_000_001))
                .withMessage("requests: 1000001 in PT1S (expected: at most one in a microsecond)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimit.perMinute(1).withBurst(Long.MAX_VALUE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimit.perSecond(1).withName("say \"hi\""));
    }

    @Test
    void theReplyTellsWholeSecondsThatAreNotTooShort() {
        RateLimit limit = RateLimit.of(600, Duration.ofMinutes(1)).withName("calls");

        assertThat(new RateLimitedException(limit, Duration.ofMillis(1100)).replyFields())
                .containsExactly(
                        java.util.Map.entry("retry-after", "2"),
                        java.util.Map.entry("ratelimit-policy", "\"calls\";q=600;w=60"),
                        java.util.Map.entry("ratelimit", "\"calls\";r=0;t=2"));
        assertThat(new RateLimitedException(RateLimit.of(5, Duration.ofMillis(100)), Duration.ofNanos(1)).replyFields())
                .containsEntry("retry-after", "1")
                .containsEntry("ratelimit-policy", "\"requests\";q=50;w=1");
        assertThat(new RateLimitedException(limit, Duration.ofSeconds(3)).replyFields())
                .containsEntry("retry-after", "3");
    }
}
