package io.headgate.samples;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** The last few times of something, for percentiles. Any thread. */
final class Latencies {

    private static final int KEPT = 1024;

    private final AtomicLongArray nanos = new AtomicLongArray(KEPT);
    private final AtomicLong count = new AtomicLong();

    void add(long value) {
        nanos.set((int) (count.getAndIncrement() % KEPT), value);
    }

    /** In milliseconds, or a dash while there is nothing. */
    String percentile(int percent) {
        int known = (int) Math.min(KEPT, count.get());
        if (known == 0) {
            return "-";
        }
        long[] sorted = new long[known];
        Arrays.setAll(sorted, nanos::get);
        Arrays.sort(sorted);
        return String.format(Locale.ROOT, "%.1f ms", sorted[(known - 1) * percent / 100] / 1e6);
    }
}
