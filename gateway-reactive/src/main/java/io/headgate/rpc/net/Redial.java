package io.headgate.rpc.net;

import io.headgate.retry.Backoff;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * When the next attempt to connect may be made. A connection that ends soon after it was opened counts as an attempt that
 * failed: a server that lets clients come and go must not be dialled without a pause. Not thread-safe.
 */
final class Redial {

    /** What lives longer has worked. */
    private static final long LEAST_LIFE = 1_000_000_000L;

    private final Backoff backoff;
    private final LongSupplier clock;
    private final DoubleSupplier chance;
    private int failures;
    private long again;
    private String cause = "";

    Redial(Backoff backoff, LongSupplier clock, DoubleSupplier chance) {
        this.backoff = backoff;
        this.clock = clock;
        this.chance = chance;
    }

    /** Nanoseconds to wait; zero or less when an attempt may be made. */
    long left() {
        return failures == 0 ? 0 : again - clock.getAsLong();
    }

    /** Why the last attempt has failed. */
    String cause() {
        return cause;
    }

    void failed(String why) {
        failures++;
        cause = why;
        again = clock.getAsLong() + backoff.nanos(failures, chance.getAsDouble());
    }

    /** A connection has ended that was opened at a time. */
    void ended(long openedAt, String how) {
        if (clock.getAsLong() - openedAt < LEAST_LIFE) {
            failed(how);
        } else {
            failures = 0;
        }
    }

    long now() {
        return clock.getAsLong();
    }
}
