package io.headgate.balance.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class PeakEwmaTest {

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    private final PeakEwma ewma = new PeakEwma(30 * MILLI, 10 * SECOND, MILLI);
    private long now = 5 * SECOND;
    private final Node node =
            new Node(Endpoint.of("127.0.0.1", 1), exchange -> Mono.just(HttpReply.of(200)), ewma.initial(now), now, 0);

    private double millis() {
        return ewma.estimate(node, now) / MILLI;
    }

    @Test
    void newEndpointHasTheInitialTime() {
        assertThat(millis()).isCloseTo(30, within(0.01));
    }

    @Test
    void riseIsFollowedAtOnce() {
        ewma.observe(node, 400 * MILLI, now);
        assertThat(millis()).isCloseTo(400, within(0.01));
    }

    @Test
    void fallIsFollowedByDecay() {
        ewma.observe(node, 100 * MILLI, now);
        now += 10 * SECOND;
        ewma.observe(node, 10 * MILLI, now);
        assertThat(millis()).isCloseTo(100 / Math.E + 10 * (1 - 1 / Math.E), within(0.1));
    }

    @Test
    void manySmallStepsFallAsOneBigOne() {
        ewma.observe(node, 100 * MILLI, now);
        for (int i = 0; i < 100_000; i++) {
            now += SECOND / 10_000;
            ewma.observe(node, 10 * MILLI, now);
        }
        assertThat(millis()).isCloseTo(100 / Math.E + 10 * (1 - 1 / Math.E), within(0.2));
    }

    @Test
    void idleEndpointIsForgotten() {
        now += 10 * SECOND;
        assertThat(millis()).isCloseTo(30 / Math.E, within(0.1));
        now += 1000 * SECOND;
        assertThat(millis()).isLessThan(0.001);
        assertThat(ewma.of(node, now)).isEqualTo(MILLI);
    }

    @Test
    void estimateThatIsVeryOldCountsForNothing() {
        ewma.observe(node, 5 * SECOND, now);
        now += 40L * 24 * 3600 * SECOND;
        assertThat(millis()).isLessThan(0.001);
    }

    @Test
    void clockOfAnotherThreadMayBeALittleBehind() {
        ewma.observe(node, 50 * MILLI, now + 5 * MILLI);
        assertThat(millis()).isCloseTo(50, within(0.01));
    }

    @Test
    void cutCallTellsThatItWouldHaveTakenAtLeastThatLong() {
        ewma.observeAtLeast(node, 10 * MILLI, now);
        assertThat(millis()).isCloseTo(30, within(0.01));
        ewma.observeAtLeast(node, 60 * MILLI, now);
        assertThat(millis()).isCloseTo(60, within(0.01));
    }

    @Test
    void costGrowsWithWaitingCallsAndFallsWithWeight() {
        node.enter();
        node.enter();
        assertThat(ewma.of(node, now) / MILLI).isCloseTo(90, within(0.1));
        node.update(node.endpoint().withWeight(30_000));
        assertThat(ewma.of(node, now) / MILLI).isCloseTo(30, within(0.1));
        node.answered();
        assertThat(ewma.of(node, now) / MILLI).isCloseTo(20, within(0.1));
        assertThat(node.open()).isEqualTo(2);
    }
}
