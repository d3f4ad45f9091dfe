package io.headgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {

    private static final Key<String> TENANT = Key.of("tenant");
    private static final Key<Integer> ATTEMPT = Key.of("attempt");

    @Test
    void attributesAreFoundByTheIdentityOfTheirKey() {
        Attributes attributes = Attributes.EMPTY.with(TENANT, "blue").with(ATTEMPT, 2);

        assertThat(attributes.get(TENANT)).isEqualTo("blue");
        assertThat(attributes.get(ATTEMPT)).isEqualTo(2);
        assertThat(attributes.get(Key.<String>of("tenant"))).isNull();
        assertThat(attributes).hasToString("{tenant=blue, attempt=2}");
    }

    @Test
    void attributesCopyOnWrite() {
        Attributes blue = Attributes.EMPTY.with(TENANT, "blue");
        Attributes red = blue.with(TENANT, "red");

        assertThat(blue.get(TENANT)).isEqualTo("blue");
        assertThat(red.get(TENANT)).isEqualTo("red");
        assertThat(red.size()).isOne();
        assertThat(Attributes.EMPTY.size()).isZero();
        assertThat(Attributes.EMPTY.get(TENANT)).isNull();
    }

    @Test
    void deadlinesAreAbsolute() {
        long before = System.nanoTime();
        Deadline deadline = Deadline.after(Duration.ofMinutes(1));

        assertThat(deadline.nanoTime() - before)
                .isGreaterThanOrEqualTo(Duration.ofMinutes(1).toNanos());
        assertThat(deadline.remainingNanos())
                .isBetween(1L, Duration.ofMinutes(1).toNanos());
        assertThat(deadline.isExpired()).isFalse();
        assertThat(deadline.toString()).startsWith("PT59.").endsWith("S left");
        assertThat(Deadline.after(Duration.ZERO).isExpired()).isTrue();
        assertThat(Deadline.after(Duration.ofSeconds(Long.MIN_VALUE)).isExpired())
                .isTrue();
    }

    @Test
    void noDeadlineNeverExpires() {
        assertThat(Deadline.NONE.isNone()).isTrue();
        assertThat(Deadline.NONE.isExpired()).isFalse();
        assertThat(Deadline.NONE.remainingNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(Deadline.NONE).hasToString("none");
    }

    @Test
    void timesBeyondTheClockAreNoDeadline() {
        assertThat(Deadline.after(Duration.ofHours(99_999_999))).isEqualTo(Deadline.NONE);
        assertThat(Deadline.after(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Deadline.NONE);
    }

    @Test
    void theEarlierOfTwoDeadlinesWinsAcrossTheOverflowOfTheClock() {
        Deadline earlier = new Deadline(Long.MAX_VALUE - 5);
        Deadline later = new Deadline(Long.MIN_VALUE + 5);

        assertThat(earlier.min(later)).isSameAs(earlier);
        assertThat(later.min(earlier)).isSameAs(earlier);
        assertThat(earlier.min(Deadline.NONE)).isSameAs(earlier);
        assertThat(Deadline.NONE.min(earlier)).isSameAs(earlier);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "retry-budget", "h2", "a1-b2-c3"})
    void rolesAreWordsJoinedByDashes(String name) {
        assertThat(Role.of(name)).isEqualTo(new Role(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Retry", "-a", "a-", "a--b", "a b", "1a", "a_b", "a\n"})
    void otherNamesAreNoRoles(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Role.of(name))
                .withMessage("role: " + name + " (expected: lower-case words joined by dashes)");
    }

    @Test
    void failuresCarryStatusAndTraits() {
        Set<Trait> traits = EnumSet.of(Trait.RETRYABLE, Trait.REJECTED);
        Failure failure = new Failure(503, traits, false);
        traits.clear();

        assertThat(failure.status()).isEqualTo(503);
        assertThat(failure.is(Trait.RETRYABLE)).isTrue();
        assertThat(failure.is(Trait.CLIENT_FAULT)).isFalse();
        assertThat(failure.traits()).containsExactlyInAnyOrder(Trait.RETRYABLE, Trait.REJECTED);
    }

    @Test
    void refusalsHaveNoStackTrace() {
        assertThat(new Failure(503, Set.of(), false).getStackTrace()).isEmpty();
        assertThat(new Failure(503, Set.of(), true).getStackTrace()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 399, 600})
    void failuresSuggestAnErrorStatus(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Failure(status, Set.of(), false))
                .withMessage("status: " + status + " (expected: 400..599)");
    }

    private static final class Failure extends GatewayException {

        private static final long serialVersionUID = 1L;

        Failure(int status, Set<Trait> traits, boolean stackTrace) {
            super(status, traits, "slots: 3 (expected: a free one)", null, stackTrace);
        }
    }
}
