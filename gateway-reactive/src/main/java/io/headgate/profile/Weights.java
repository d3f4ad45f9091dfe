package io.headgate.profile;

import java.util.function.IntPredicate;
import java.util.function.LongUnaryOperator;

/** Draws one of some weights, by chance. Immutable; a draw allocates nothing. */
final class Weights {

    /** Nothing can be drawn. */
    static final int NONE = -1;

    private final long[] ends; // of the range of each, in one range for all

    private Weights(long[] ends) {
        this.ends = ends;
    }

    /** All above zero; their sum must fit into a long. */
    static Weights of(long... weights) {
        long[] ends = new long[weights.length];
        long sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum = Math.addExact(sum, weights[i]);
            ends[i] = sum;
        }
        return new Weights(ends);
    }

    /**
     * Draws one that is ready. The first draw takes a binary search; when it hits one that is not ready, those that are share its
     * part by their weights, which takes a look at each.
     *
     * @param dice returns a number from zero to below its argument
     * @param ready may change its mind while it is asked
     * @return an index, or {@link #NONE} when none is ready
     */
    int pick(LongUnaryOperator dice, IntPredicate ready) {
        int count = ends.length;
        if (count == 0) {
            return NONE;
        }
        int first = count == 1 ? 0 : at(dice.applyAsLong(ends[count - 1]));
        return ready.test(first) ? first : pickAmongReady(dice, ready);
    }

    private int at(long drawn) {
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = low + high >>> 1;
            if (drawn < ends[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private int pickAmongReady(LongUnaryOperator dice, IntPredicate ready) {
        long sum = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += ready.test(i) ? weight(i) : 0;
        }
        long left = sum == 0 ? 0 : dice.applyAsLong(sum);
        int last = NONE;
        for (int i = 0; i < ends.length && left >= 0 && sum > 0; i++) {
            if (ready.test(i)) {
                last = i;
                left -= weight(i);
            }
        }
        return last; // also when one that was ready is so no more, which would leave the draw beyond the end
    }

    private long weight(int i) {
        return i == 0 ? ends[0] : ends[i] - ends[i - 1];
    }
}
