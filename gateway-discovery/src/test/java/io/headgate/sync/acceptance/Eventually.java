package io.headgate.sync.acceptance;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do; the limit is the one of the test. */
final class Eventually {

    private static final long PAUSE = 2_000_000;

    private Eventually() {}

    static void holds(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("did not come true in time");
            }
            LockSupport.parkNanos(PAUSE);
        }
    }
}
