package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.test.AllocationAssert;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class WeightsTest {

    private static final int DRAWS = 100_000;

    private final Random random = new Random(42);
    private final LongUnaryOperator dice = bound -> Math.floorMod(random.nextLong(), bound);

    private double[] shares(Weights weights, boolean... ready) {
        double[] shares = new double[ready.length];
        for (int i = 0; i < DRAWS; i++) {
            shares[weights.pick(dice, index -> ready[index])] += 1.0 / DRAWS;
        }
        return shares;
    }

    @Test
    void drawsByWeight() {
        double[] shares = shares(Weights.of(90, 9, 1), true, true, true);
        assertThat(shares[0]).isCloseTo(0.9, within(0.005));
        assertThat(shares[1]).isCloseTo(0.09, within(0.005));
        assertThat(shares[2]).isCloseTo(0.01, within(0.002));
    }

    @Test
    void theReadyOnesShareWhatTheOthersDoNotGet() {
        double[] shares = shares(Weights.of(50, 20, 20, 10), false, true, false, true);
        assertThat(shares[0]).isZero();
        assertThat(shares[1]).isCloseTo(20 / 30.0, within(0.01));
        assertThat(shares[2]).isZero();
        assertThat(shares[3]).isCloseTo(10 / 30.0, within(0.01));
    }

    @Test
    void everyNumberBelongsToOne() {
        Weights weights = Weights.of(1, 2, 3);
        int[] picked = new int[6];
        for (int i = 0; i < 6; i++) {
            int drawn = i;
            picked[i] = weights.pick(bound -> drawn, index -> true);
        }
        assertThat(picked).containsExactly(0, 1, 1, 2, 2, 2);
    }

    @Test
    void thereIsNothingToDrawWhenNoneIsReady() {
        assertThat(Weights.of(1, 2).pick(dice, index -> false)).isEqualTo(Weights.NONE);
        assertThat(Weights.of(1).pick(dice, index -> false)).isEqualTo(Weights.NONE);
        assertThat(Weights.of().pick(dice, index -> true)).isEqualTo(Weights.NONE);
    }

    @Test
    void oneThatChangesItsMindBetweenTwoLooksDoesNotConfuseTheDraw() {
        AtomicInteger looks = new AtomicInteger();
        // 0 is drawn and not ready; 2 is counted and is not ready when it is looked for
        int picked = Weights.of(1, 1, 1).pick(bound -> bound - 1, index -> switch (looks.getAndIncrement()) {
            case 0 -> false;
            default -> index == 1 || index == 2 && looks.get() < 6;
        });
        assertThat(picked).isEqualTo(1);
    }

    @Test
    void theLargestWeightsFit() {
        Weights weights = Weights.of(0xffff_ffffL, 0xffff_ffffL);
        assertThat(weights.pick(bound -> 0xffff_fffeL, index -> true)).isZero();
        assertThat(weights.pick(bound -> 0xffff_ffffL, index -> true)).isEqualTo(1);
    }

    @Test
    void aDrawAllocatesNothing() {
        Weights weights = Weights.of(1, 2, 3, 4, 5, 6, 7, 8);
        int[] sum = new int[1];
        LongUnaryOperator rolling = bound -> (sum[0]++ & 0xffff) % bound;
        AllocationAssert.assertNothingBeyond(() -> {}, () -> sum[0] += weights.pick(rolling, WeightsTest::odd));
    }

    private static boolean odd(int index) {
        return index % 2 == 1;
    }
}
