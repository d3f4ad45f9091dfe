package io.headgate.samples.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The rounds of one figure.
 *
 * @param least the smallest
 * @param median the one in the middle; of an even number of rounds the lower of the two
 * @param most the largest
 */
record Spread(double least, double median, double most) {

    static Spread of(List<Sample> rounds, ToDoubleFunction<Sample> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return new Spread(sorted[0], sorted[(sorted.length - 1) / 2], sorted[sorted.length - 1]);
    }
}
