package io.headgate.gateway;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When an endpoint that could not be connected to may be tried again: after 100 ms, then after twice as long each time, up to a
 * minute, and a tenth more by chance, so that gateways do not come together; and then by one connection at a time. Any thread may
 * ask; event loops tell.
 */
final class DialBackoff {

    private static final long FIRST = 100_000_000L;
    private static final long MOST = 60_000_000_000L;
    private static final double JITTER = 0.1;
    private static final int MOST_DOUBLINGS = 10;

    private final LongSupplier clock;
    private final DoubleSupplier chance;
    private final AtomicBoolean probing = new AtomicBoolean();
    private volatile int failures;
    private volatile long again;
    private volatile @Nullable Throwable cause;

    /**
     * Nothing has failed yet.
     *
     * @param clock nanoseconds
     * @param chance from 0 to below 1
     */
    DialBackoff(LongSupplier clock, DoubleSupplier chance) {
        this.clock = clock;
        this.chance = chance;
    }

    /** Why the last attempt has failed, or null. */
    @Nullable Throwable cause() {
        return cause;
    }

    /** Whether an attempt would be refused now. */
    boolean isWaiting() {
        return failures > 0 && (probing.get() || clock.getAsLong() - again < 0);
    }

    /** Asks for an attempt; its end must be told. */
    boolean permits() {
        return failures == 0 || clock.getAsLong() - again >= 0 && probing.compareAndSet(false, true);
    }

    void succeeded() {
        failures = 0;
        cause = null;
        probing.set(false);
    }

    /** Attempts that were under way together count once. */
    synchronized void failed(Throwable why) {
        cause = why;
        long now = clock.getAsLong();
        if (failures == 0 || probing.get()) {
            long delay = Math.min(MOST, FIRST << Math.min(failures, MOST_DOUBLINGS));
            again = now + delay + (long) (delay * JITTER * chance.getAsDouble());
            failures = failures + 1;
        }
        probing.set(false);
    }
}
