package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.breaker.Breaker.Permit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BreakerTest {

    private static final BreakerSettings CONSECUTIVE = BreakerSettings.DEFAULTS.withConsecutiveFailures(3);
    private static final BreakerSettings SHARE =
            BreakerSettings.DEFAULTS.withConsecutiveFailures(0).withFailureShare(0.5, 10, Duration.ofSeconds(10));

    private final HandClock clock = new HandClock();
    private final List<String> changes = new ArrayList<>();
    private double chance;

    private Breaker breaker(BreakerSettings settings) {
        return new Breaker(settings, (from, to) -> changes.add(from + ">" + to), clock, () -> chance);
    }

    private static void fail(Breaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.acquire().failure();
        }
    }

    private static void succeed(Breaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.acquire().success();
        }
    }

    private static void limit(Breaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.acquire().limited();
        }
    }

    @Test
    void opensAfterSoManyFailuresInARow() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 2);
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        fail(breaker, 1);

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        assertThat(breaker.isWelcome()).isFalse();
        assertThat(breaker.acquire()).isNull();
        assertThat(breaker.stats().refusals()).isEqualTo(1);
        assertThat(breaker.stats().openings()).isEqualTo(1);
        assertThat(breaker.stats().untilProbe()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSuccessInBetweenBeginsTheCountAnew() {
        Breaker breaker = breaker(CONSECUTIVE);
        for (int i = 0; i < 10; i++) {
            fail(breaker, 2);
            succeed(breaker, 1);
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void limitedCallsAreNoFailuresInARow() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 2);
        limit(breaker, 100);
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        fail(breaker, 1);

        assertThat(breaker.state()).as("nor do they begin the count anew").isEqualTo(BreakerState.OPEN);
    }

    @Test
    void opensAtAShareOfFailures() {
        Breaker breaker = breaker(SHARE);
        succeed(breaker, 6);
        fail(breaker, 5);
        assertThat(breaker.state()).as("5 of 11").isEqualTo(BreakerState.CLOSED);
        assertThat(breaker.stats().windowCalls()).isEqualTo(11);
        assertThat(breaker.stats().windowFailures()).isEqualTo(5);
        fail(breaker, 1);

        assertThat(breaker.state()).as("6 of 12").isEqualTo(BreakerState.OPEN);
    }

    @Test
    void limitedCallsCountForTheShare() {
        Breaker breaker = breaker(SHARE);
        limit(breaker, 10);

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void aShareOfFewCallsSaysNothing() {
        Breaker breaker = breaker(SHARE);
        fail(breaker, 9);

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void theShareLooksBackNoFurtherThanTheWindow() {
        Breaker breaker = breaker(SHARE);
        fail(breaker, 9);
        clock.advance(Duration.ofSeconds(10));
        fail(breaker, 9);

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void letsOneProbeThroughWhenTheBackoffIsOver() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        clock.advanceMillis(999);
        assertThat(breaker.acquire()).isNull();
        clock.advanceMillis(1);
        assertThat(breaker.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(breaker.isWelcome()).isTrue();
        assertThat(breaker.isWelcome()).as("asking reserves nothing").isTrue();

        assertThat(breaker.acquire()).isNotNull();
        assertThat(breaker.isWelcome()).isFalse();
        assertThat(breaker.acquire()).as("a second probe").isNull();
        assertThat(breaker.stats().probes()).isEqualTo(1);
    }

    @Test
    void aProbeThatSucceedsCloses() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        clock.advanceMillis(1000);
        succeed(breaker, 1);

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(breaker.stats().consecutiveFailures()).isZero();
        assertThat(changes).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
    }

    @Test
    void eachProbeThatFailsDoublesTheBackoffUpToItsMost() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            assertThat(breaker.stats().untilProbe()).isEqualTo(Duration.ofSeconds(seconds));
            clock.advance(Duration.ofSeconds(seconds));
            fail(breaker, 1);
        }
        for (int i = 0; i < 100; i++) { // doubled so often, it would overflow
            clock.advance(Duration.ofSeconds(60));
            fail(breaker, 1);
            assertThat(breaker.stats().untilProbe()).isEqualTo(Duration.ofSeconds(60));
        }
        clock.advance(Duration.ofSeconds(60));
        succeed(breaker, 1);
        fail(breaker, 3);
        assertThat(breaker.stats().untilProbe()).as("after a success").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void jitterLengthensTheBackoff() {
        chance = 0.5;
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);

        assertThat(breaker.stats().untilProbe()).isEqualTo(Duration.ofMillis(1250));
    }

    @Test
    void aLimitedProbeFails() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        clock.advanceMillis(1000);
        limit(breaker, 1);

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        assertThat(breaker.stats().untilProbe()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aProbeThatSaysNothingLeavesItsPlaceToTheNext() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        clock.advanceMillis(1000);
        for (int i = 0; i < 3; i++) {
            Permit probe = breaker.acquire();
            assertThat(breaker.acquire()).isNull();
            probe.release();
            assertThat(breaker.state()).isEqualTo(BreakerState.HALF_OPEN);
            assertThat(breaker.isWelcome()).isTrue();
        }
        breaker.acquire().failure();

        assertThat(breaker.stats().untilProbe()).as("lengthened once").isEqualTo(Duration.ofSeconds(2));
        assertThat(changes).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>OPEN");
    }

    @Test
    void aProbeThatDoesNotEndMakesWayForTheNext() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        clock.advanceMillis(1000);
        Permit first = breaker.acquire();
        clock.advance(Duration.ofSeconds(10));
        Permit second = breaker.acquire();
        assertThat(second).isNotNull();
        first.failure();
        assertThat(breaker.state()).as("the first has lost its say").isEqualTo(BreakerState.HALF_OPEN);
        second.success();

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void aLongReplyThatBeganWellClosesBeforeItsEnd() {
        Breaker breaker = breaker(CONSECUTIVE);
        fail(breaker, 3);
        clock.advanceMillis(1000);
        Permit probe = breaker.acquire();
        probe.promise();
        assertThat(breaker.acquire()).isNull();
        clock.advance(Duration.ofSeconds(10));
        assertThat(breaker.acquire()).isNotNull();

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        probe.failure();
        assertThat(breaker.stats().consecutiveFailures())
                .as("an end of the past")
                .isZero();
    }

    @Test
    void whatBeganBeforeAChangeSaysNothingAfterIt() {
        Breaker breaker = breaker(CONSECUTIVE);
        List<Permit> before = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            before.add(breaker.acquire());
        }
        before.subList(0, 3).forEach(Permit::failure);
        clock.advanceMillis(1000);
        before.subList(3, 8).forEach(Permit::success);
        assertThat(breaker.state()).as("open, whatever was begun before").isEqualTo(BreakerState.HALF_OPEN);
        breaker.acquire().success();
        before.subList(8, 20).forEach(Permit::failure);

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(breaker.stats().openings()).isEqualTo(1);
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONSECUTIVE.withFailureShare(1.5, 1, Duration.ofSeconds(1)))
                .withMessage("failureShare: 1.5 (expected: 0..1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONSECUTIVE.withBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1), 0))
                .withMessage("maxBackoff: PT1S (expected: minBackoff to 365 days)");
        assertThatIllegalArgumentException().isThrownBy(() -> CONSECUTIVE.withConsecutiveFailures(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> CONSECUTIVE.withProbeLimit(Duration.ZERO));
    }
}
