package io.headgate.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** What clients saw, second by second of their requests. Safe for any thread. */
final class Measurements {

    private final List<List<Long>> nanosBySecond = new ArrayList<>();
    private long calls;
    private long failures;
    private long attempts;

    Measurements(int seconds) {
        for (int i = 0; i <= seconds; i++) {
            nanosBySecond.add(new ArrayList<>());
        }
    }

    /** A request has ended; times are since the start. */
    synchronized void ended(long began, long now, boolean well) {
        calls++;
        failures += well ? 0 : 1;
        int second = (int) Math.min(TimeUnit.NANOSECONDS.toSeconds(began), nanosBySecond.size() - 1L);
        nanosBySecond.get(second).add(now - began);
    }

    synchronized void attempts(long served) {
        attempts = served;
    }

    synchronized long calls() {
        return calls;
    }

    synchronized long failures() {
        return failures;
    }

    /** Attempts beyond the first ones. */
    synchronized long retries() {
        return attempts - calls;
    }

    /** In milliseconds. */
    synchronized double percentile(double share) {
        return percentile(nanosBySecond.stream().flatMapToLong(Measurements::longs), share);
    }

    /** In milliseconds, of the requests that began in that second. */
    synchronized double percentile(int second, double share) {
        return percentile(longs(nanosBySecond.get(second)), share);
    }

    private static LongStream longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue);
    }

    private static double percentile(LongStream values, double share) {
        long[] sorted = values.sorted().toArray();
        return sorted.length == 0
                ? 0
                : sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))] / 1e6;
    }
}
