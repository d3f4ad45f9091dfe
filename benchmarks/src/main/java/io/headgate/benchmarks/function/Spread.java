package io.headgate.benchmarks.function;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Figures of several rounds.
 *
 * @param sorted the figures, the smallest first
 */
record Spread(double[] sorted) {

    static <T> Spread of(Iterable<T> rounds, ToDoubleFunction<T> figure) {
        double[] figures = new double[8];
        int size = 0;
        for (T round : rounds) {
            if (size == figures.length) {
                figures = Arrays.copyOf(figures, size * 2);
            }
            figures[size++] = figure.applyAsDouble(round);
        }
        figures = Arrays.copyOf(figures, size);
        Arrays.sort(figures);
        return new Spread(figures);
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double at(double share) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))];
    }

    /** The median, and from the least to the most. */
    String text(int digits) {
        String number = "%." + digits + "f";
        return String.format(
                Locale.ROOT,
                number + " (" + number + "–" + number + ")",
                median(),
                sorted[0],
                sorted[sorted.length - 1]);
    }
}
