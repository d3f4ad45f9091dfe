package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The small engines of a connection, without one. */
class EnginesTest {

    private final long beforeOverflow =
            Long.MAX_VALUE - Long.parseLong("50"); // no constant: its sums are meant to overflow

    @Test
    void theFirstPingIsDueWhenItIsTold() {
        Pulse pulse = new Pulse(500);
        assertThat(pulse.isDue(Long.MAX_VALUE)).isFalse();
        pulse.begin(100);
        assertThat(pulse.isDue(99)).isFalse();
        assertThat(pulse.isDue(100)).isTrue();
        pulse.pinged(100, 200);
        assertThat(pulse.isDue(199)).isFalse();
        assertThat(pulse.isDue(200)).isTrue();
    }

    @Test
    void theOldestPingWithoutAnAnswerCounts() {
        Pulse pulse = new Pulse(500);
        pulse.begin(100);
        pulse.pinged(100, 200);
        pulse.pinged(200, 300);
        assertThat(pulse.isOverdue(599)).isFalse();
        assertThat(pulse.isOverdue(600)).isTrue();
        assertThat(pulse.ponged(600)).isEqualTo(500);
        assertThat(pulse.isOverdue(10_000)).isFalse();
    }

    @Test
    void anAnswerThatNobodyAskedForIsNone() {
        Pulse pulse = new Pulse(500);
        assertThat(pulse.ponged(10)).isNegative();
        pulse.begin(100);
        pulse.pinged(100, 200);
        assertThat(pulse.ponged(130)).isEqualTo(30);
        assertThat(pulse.ponged(140)).isNegative();
    }

    @Test
    void clocksMayOverflow() {
        Pulse pulse = new Pulse(100);
        pulse.begin(beforeOverflow);
        pulse.pinged(beforeOverflow, beforeOverflow + 80);
        assertThat(pulse.isDue(beforeOverflow + 79)).isFalse();
        assertThat(pulse.isDue(beforeOverflow + 80)).isTrue();
        assertThat(pulse.isOverdue(beforeOverflow + 99)).isFalse();
        assertThat(pulse.isOverdue(beforeOverflow + 100)).isTrue();
        Patience patience = new Patience(10);
        patience.graceEnds(beforeOverflow + 60);
        assertThat(patience.of(11, beforeOverflow + 59)).isEqualTo(Patience.Verdict.GRACE);
        assertThat(patience.of(11, beforeOverflow + 60)).isEqualTo(Patience.Verdict.CUT);
    }

    @Test
    void bytesThatDoNotMoveAreStuckAfterTheTimeout() {
        Progress progress = new Progress(250);
        assertThat(progress.isStuck(1000, 0, 0)).isFalse();
        assertThat(progress.isStuck(1000, 0, 249)).isFalse();
        assertThat(progress.isStuck(1000, 0, 250)).isTrue();
    }

    @Test
    void oneByteTakenIsProgress() {
        Progress progress = new Progress(250);
        assertThat(progress.isStuck(1000, 0, 0)).isFalse();
        assertThat(progress.isStuck(1000, 1, 249)).isFalse();
        assertThat(progress.isStuck(1000, 1, 498)).isFalse();
        assertThat(progress.isStuck(1000, 1, 499)).isTrue();
    }

    @Test
    void bytesThatCameLaterAreNotProgress() {
        Progress progress = new Progress(250);
        assertThat(progress.isStuck(1000, 0, 0)).isFalse();
        assertThat(progress.isStuck(2000, 0, 200)).isFalse();
        assertThat(progress.isStuck(2000, 0, 250)).isTrue();
    }

    @Test
    void aConnectionThatHadNothingToSendIsNotStuck() {
        Progress progress = new Progress(250);
        assertThat(progress.isStuck(0, 0, 0)).isFalse();
        assertThat(progress.isStuck(0, 0, 10_000)).isFalse();
        assertThat(progress.isStuck(10, 0, 10_001)).isFalse();
        assertThat(progress.isStuck(10, 0, 10_251)).isTrue();
    }

    @Test
    void aClientMayBeFarBehindUntilItsGraceIsOver() {
        Patience patience = new Patience(500);
        assertThat(patience.of(500, Long.MAX_VALUE)).isEqualTo(Patience.Verdict.FINE);
        patience.graceEnds(2000);
        assertThat(patience.of(500, 100)).isEqualTo(Patience.Verdict.FINE);
        assertThat(patience.of(501, 100)).isEqualTo(Patience.Verdict.GRACE);
        assertThat(patience.of(900, 1999)).isEqualTo(Patience.Verdict.STILL_GRACE);
        assertThat(patience.of(500, 2000)).isEqualTo(Patience.Verdict.FINE);
        assertThat(patience.of(501, 2000)).isEqualTo(Patience.Verdict.CUT);
    }

    @Test
    void clientsLeaveInNinetyFivePercentOfTheTime() {
        Duration second = Duration.ofSeconds(1);
        assertThat(ShutdownPace.interval(Duration.ofSeconds(300), second, 5)).isEqualTo(second);
        assertThat(ShutdownPace.interval(Duration.ofMillis(2500), second, 5)).isEqualTo(Duration.ofMillis(475));
        assertThat(ShutdownPace.interval(Duration.ofSeconds(300), second, 10_000))
                .isEqualTo(Duration.ofNanos(28_500_000));
        assertThat(ShutdownPace.interval(Duration.ofSeconds(300), second, 0)).isZero();
        assertThat(ShutdownPace.interval(Duration.ZERO, second, 7)).isZero();
    }

    @Test
    void jitterStaysInItsBounds() {
        Duration second = Duration.ofSeconds(1);
        assertThat(Jitter.upToTenthMore(second, new FixedRandom(0))).isEqualTo(second);
        assertThat(Jitter.upToTenthMore(second, new FixedRandom(0.5))).isEqualTo(Duration.ofMillis(1050));
        assertThat(Jitter.aboutThat(second, new FixedRandom(0))).isEqualTo(Duration.ofMillis(950));
        assertThat(Jitter.aboutThat(second, new FixedRandom(0.5))).isEqualTo(second);
    }

    @Test
    void settingsNameWhatIsOutOfRange() {
        assertThatThrownBy(() ->
                        SyncServerSettings.builder().pingInterval(Duration.ZERO).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pingInterval: PT0S (expected: 1 millisecond to 24 days)");
        assertThatThrownBy(() -> SyncServerSettings.builder().maxInbound(10).build())
                .hasMessage("maxInbound: 10 (expected: 1024..1073741824)");
        assertThat(SyncServerSettings.builder().grace(Duration.ZERO).build().grace())
                .isZero();
    }

    @Test
    void aPongTimeoutThatTwoPingsFillIsSixIntervals() {
        SyncServerSettings.Builder builder = SyncServerSettings.builder().pingInterval(Duration.ofSeconds(30));
        assertThat(builder.pongTimeout(Duration.ofSeconds(60)).build().pongTimeout())
                .isEqualTo(Duration.ofSeconds(180));
        assertThat(builder.pongTimeout(Duration.ofSeconds(61)).build().pongTimeout())
                .isEqualTo(Duration.ofSeconds(61));
    }

    @Test
    void theDefaultsAreThoseOfTypha() {
        SyncServerSettings defaults = SyncServerSettings.DEFAULTS;
        assertThat(defaults.toBuilder().build()).isEqualTo(defaults);
        assertThat(defaults.handshakeTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.pingInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.pongTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(defaults.writeTimeout()).isEqualTo(Duration.ofSeconds(120));
        assertThat(defaults.maxFallBehind()).isEqualTo(Duration.ofSeconds(300));
        assertThat(defaults.grace()).isEqualTo(Duration.ofSeconds(300));
        assertThat(defaults.dropInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(defaults.shutdownTimeout()).isEqualTo(Duration.ofSeconds(300));
        assertThat(defaults.maxInbound()).isEqualTo(1 << 20);
    }
}
