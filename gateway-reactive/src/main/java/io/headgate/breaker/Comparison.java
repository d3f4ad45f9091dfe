package io.headgate.breaker;

import java.util.Comparator;
import java.util.List;

/** Endpoints of a set, compared with each other over an interval. */
final class Comparison {

    /**
     * What was seen of an endpoint.
     *
     * @param calls one or more
     * @param replies calls whose latency is known
     * @param latency nanoseconds of all those together
     */
    record Sample(EjectionGroup.Member member, long calls, long failures, long replies, long latency) {

        double successes() {
            return 1 - (double) failures / calls;
        }

        double meanLatency() {
            return (double) latency / replies;
        }
    }

    private final List<Sample> samples;

    Comparison(List<Sample> samples) {
        this.samples = samples;
    }

    /** Those whose share of successes is far below the mean, the worst first. */
    List<EjectionGroup.Member> failing(double deviations) {
        double mean = samples.stream().mapToDouble(Sample::successes).average().orElse(1);
        double variance = samples.stream()
                .mapToDouble(sample -> (sample.successes() - mean) * (sample.successes() - mean))
                .average()
                .orElse(0);
        double least = mean - deviations * Math.sqrt(variance);
        return samples.stream()
                .filter(sample -> sample.successes() < least)
                .sorted(Comparator.comparingDouble(Sample::successes))
                .map(Sample::member)
                .toList();
    }

    /** Those whose mean latency is far above the median, which a few slow ones do not move; the worst first. */
    List<EjectionGroup.Member> slow(double factor) {
        List<Sample> ordered = samples.stream()
                .filter(sample -> sample.replies > 0)
                .sorted(Comparator.comparingDouble(Sample::meanLatency))
                .toList();
        if (ordered.isEmpty()) {
            return List.of();
        }
        double most = ordered.get((ordered.size() - 1) / 2).meanLatency() * factor;
        return ordered.stream()
                .filter(sample -> sample.meanLatency() > most)
                .sorted(Comparator.comparingDouble(Sample::meanLatency).reversed())
                .map(Sample::member)
                .toList();
    }
}
