package io.headgate.hedge;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/**
 * Latencies of the last half minute: three histograms that take turns of ten seconds. Recording is a few atomic increments; the
 * delay is worked out once a second by whoever comes by.
 */
final class LatencyWindow {

    /** Fewer latencies say nothing of a percentile. */
    static final int LEAST_COUNT = 50;

    private static final int WINDOWS = 3;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_MICROS = TimeUnit.MINUTES.toMicros(1);
    private static final int DIGITS = 2;

    private final HedgeDelay settings;
    private final LongSupplier clock;
    private final long start;
    private final AtomicHistogram[] windows = new AtomicHistogram[WINDOWS];
    private final AtomicLong window = new AtomicLong(); // the number of the present one
    private final AtomicLong refreshed = new AtomicLong();
    private volatile long delayNanos;

    LatencyWindow(HedgeDelay settings, LongSupplier clock) {
        this.settings = settings;
        this.clock = clock;
        start = clock.getAsLong();
        delayNanos = settings.max().toNanos();
        for (int i = 0; i < WINDOWS; i++) {
            windows[i] = new AtomicHistogram(MOST_MICROS, DIGITS);
        }
    }

    void record(long nanos) {
        if (!settings.isFixed()) {
            long micros = TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanos));
            current(clock.getAsLong() - start).recordValue(Math.min(micros, MOST_MICROS));
        }
    }

    long delayNanos() {
        if (!settings.isFixed()) {
            long now = clock.getAsLong() - start;
            long last = refreshed.get();
            if (now - last >= REFRESH_NANOS && refreshed.compareAndSet(last, now)) {
                delayNanos = workOut(now);
            }
        }
        return delayNanos;
    }

    /** The histogram of now; who comes first after its time has begun empties it. */
    private AtomicHistogram current(long now) {
        long wanted = now / WINDOW_NANOS;
        long seen = window.get();
        if (wanted > seen && window.compareAndSet(seen, wanted)) {
            for (long passed = Math.max(seen + 1, wanted - WINDOWS + 1); passed <= wanted; passed++) {
                windows[(int) (passed % WINDOWS)].reset();
            }
        }
        return windows[(int) (wanted % WINDOWS)];
    }

    private long workOut(long now) {
        current(now);
        Histogram all = new Histogram(MOST_MICROS, DIGITS);
        for (AtomicHistogram part : windows) {
            all.add(part);
        }
        long min = settings.min().toNanos();
        long max = settings.max().toNanos();
        if (all.getTotalCount() < LEAST_COUNT) {
            return max;
        }
        long found = TimeUnit.MICROSECONDS.toNanos(all.getValueAtPercentile(settings.percentile()));
        return Math.max(min, Math.min(max, found));
    }
}
