package io.headgate.concurrency;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Latencies of one window, counted in buckets that are exact to a sixteenth. Any thread may add; one at a time may
 * take the median and clear. What is added in that moment may be lost, which a median does not mind.
 */
final class LatencyWindow {

    private static final int STEP_BITS = 4;
    private static final int STEPS = 1 << STEP_BITS;
    private static final int LONGEST_EXPONENT = 40; // 18 minutes

    private final AtomicIntegerArray counts = new AtomicIntegerArray((LONGEST_EXPONENT - STEP_BITS + 2) * STEPS);
    private final AtomicInteger total = new AtomicInteger();

    /** Counts one, and tells how many there are now. */
    int add(long nanos) {
        counts.incrementAndGet(bucket(nanos));
        return total.incrementAndGet();
    }

    /** The latency that half of them did not exceed; 0 when there are none. */
    long median() {
        int half = (total.get() + 1) / 2;
        int seen = 0;
        for (int i = 0; half > 0 && i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= half) {
                return middle(i);
            }
        }
        return 0;
    }

    void clear() {
        total.set(0);
        for (int i = 0; i < counts.length(); i++) {
            if (counts.get(i) != 0) {
                counts.set(i, 0);
            }
        }
    }

    private static int bucket(long nanos) {
        long value = Math.max(0, Math.min(nanos, (1L << (LONGEST_EXPONENT + 1)) - 1));
        if (value < STEPS) {
            return (int) value;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
        int step = (int) (value >>> (exponent - STEP_BITS)) & (STEPS - 1);
        return (exponent - STEP_BITS + 1) * STEPS + step;
    }

    private static long middle(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int shift = bucket / STEPS - 1;
        long from = (long) (STEPS + bucket % STEPS) << shift;
        return from + (1L << shift) / 2;
    }
}
