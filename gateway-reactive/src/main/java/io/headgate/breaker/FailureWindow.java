package io.headgate.breaker;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts calls and failures of the last while in ten buckets. Each bucket is one long, so that a count and the start of a new
 * bucket are one atomic step, without locks and objects:
 *
 * <pre>
 *  63       44 43      22 21       0
 * | epoch    | failures  | calls    |
 * </pre>
 *
 * The epoch is the number of the bucket since the beginning, modulo 2^20. A bucket stops counting at four million calls.
 */
final class FailureWindow {

    private static final int BUCKETS = 10;
    private static final int BITS = 22;
    private static final long MASK = (1L << BITS) - 1;
    private static final long COUNTS = (1L << 2 * BITS) - 1;
    private static final long SUCCESS = 1;
    private static final long FAILURE = 1 | 1L << BITS;

    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final long origin;
    private final long bucketNanos;

    FailureWindow(long windowNanos, long now) {
        this.bucketNanos = windowNanos / BUCKETS;
        this.origin = now;
    }

    /** What was counted. */
    record Sum(long calls, long failures) {

        static final Sum NONE = new Sum(0, 0);
    }

    void success(long now) {
        add(now, SUCCESS);
    }

    void failure(long now) {
        add(now, FAILURE);
    }

    private void add(long now, long what) {
        long number = number(now);
        int slot = (int) (number % BUCKETS);
        long epoch = number << 2 * BITS;
        while (true) {
            long seen = buckets.get(slot);
            long counted = isOf(seen, epoch) ? seen : epoch;
            if ((counted & MASK) == MASK || buckets.compareAndSet(slot, seen, counted + what)) {
                return;
            }
        }
    }

    Sum sum(long now) {
        long number = number(now);
        long calls = 0;
        long failures = 0;
        for (long n = number; n > number - BUCKETS && n >= 0; n--) {
            long seen = buckets.get((int) (n % BUCKETS));
            if (isOf(seen, n << 2 * BITS)) {
                calls += seen & MASK;
                failures += seen >>> BITS & MASK;
            }
        }
        return new Sum(calls, failures);
    }

    /** Clocks of two threads may differ by a little; nothing is before the beginning. */
    private long number(long now) {
        return Math.max(0, now - origin) / bucketNanos;
    }

    private static boolean isOf(long bucket, long epoch) {
        return (bucket & ~COUNTS) == epoch;
    }
}
