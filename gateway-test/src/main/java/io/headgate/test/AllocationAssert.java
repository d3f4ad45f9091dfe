package io.headgate.test;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Measures what code allocates on the heap by the allocation counter of the calling thread. Nothing here depends on time:
 * the least of several rounds counts, after enough calls for the compiler to have its say.
 *
 * <p><b>Threading.</b> Everything runs on the calling thread, and only what that thread allocates is counted.
 */
public final class AllocationAssert {

    private static final int WARM_UP_CALLS = 20_000;
    private static final int CALLS_PER_ROUND = 2_000;

    /** After so many rounds of which none was better the compiler has done what it does, which takes long on a busy machine. */
    private static final int ROUNDS_AT_REST = 10;

    private static final int MOST_ROUNDS = 200;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocationAssert() {}

    /**
     * What one call of some code allocates.
     *
     * @param code the code; called some ten thousand times
     * @return bytes, the least of several rounds
     */
    public static double bytesPerCall(Runnable code) {
        repeat(code, WARM_UP_CALLS);
        long least = Long.MAX_VALUE;
        int atRest = 0;
        for (int round = 0; round < MOST_ROUNDS && atRest < ROUNDS_AT_REST && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            repeat(code, CALLS_PER_ROUND);
            long used = THREADS.getCurrentThreadAllocatedBytes() - before;
            atRest = used < least ? 0 : atRest + 1;
            least = Math.min(least, used);
        }
        return (double) least / CALLS_PER_ROUND;
    }

    /**
     * Checks that some code allocates nothing beyond what other code does.
     *
     * @param baseline the other code
     * @param subject the code under test
     * @throws AssertionError when it allocates more, with both numbers
     */
    public static void assertNothingBeyond(Runnable baseline, Runnable subject) {
        double allowed = bytesPerCall(baseline);
        double used = bytesPerCall(subject);
        // less than an object: what the runtime itself allocated by chance during all calls of a round
        if (used - allowed >= 1) {
            throw new AssertionError("bytes allocated per call: " + used + " (expected: " + allowed + ")");
        }
    }

    private static void repeat(Runnable code, int times) {
        for (int i = 0; i < times; i++) {
            code.run();
        }
    }
}
