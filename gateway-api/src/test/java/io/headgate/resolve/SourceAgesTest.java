package io.headgate.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SourceAgesTest {

    private Instant now = Instant.EPOCH;
    private final SourceAges ages = SourceAges.with(() -> now);

    @Test
    void aNameOfWhichNothingIsKnownHasNoAge() {
        assertThat(ages.of("orders")).isNull();
    }

    @Test
    void aStateStaysCurrentUntilItsSourceIsAway() {
        ages.current("orders");
        pass(100);

        assertThat(ages.of("orders").isCurrent()).isTrue();
        assertThat(ages.of("orders").age(now)).isZero();
    }

    @Test
    void theAgeCountsFromTheFirstFailureAndNamesTheLast() {
        ages.current("orders");
        pass(10);
        ages.away("orders", new IOException("first"));
        pass(5);
        ages.away("orders", new IOException("second"));

        SourceAges.Age age = ages.of("orders");
        assertThat(age.isCurrent()).isFalse();
        assertThat(age.told()).isEqualTo(Instant.EPOCH);
        assertThat(age.age(now)).isEqualTo(Duration.ofSeconds(5));
        assertThat(age.cause()).hasMessage("second");
    }

    @Test
    void aSourceThatIsBackIsCurrentAgain() {
        ages.away("orders", new IOException("first"));
        assertThat(ages.of("orders").isCurrent()).isFalse();

        ages.current("orders");
        assertThat(ages.of("orders")).isEqualTo(new SourceAges.Age(now, null, null));
    }

    @Test
    void namesThatNobodyAsksForAreForgotten() {
        ages.current("orders");
        ages.current("carts");
        ages.left("orders");

        assertThat(ages.all()).containsOnlyKeys("carts");
    }

    private void pass(long seconds) {
        now = now.plusSeconds(seconds);
    }
}
