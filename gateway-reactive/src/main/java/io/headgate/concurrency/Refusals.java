package io.headgate.concurrency;

import io.headgate.concurrency.OverloadedException.Reason;
import java.util.concurrent.atomic.LongAdder;

/** Makes refusals and counts them. */
final class Refusals {

    private final LongAdder full = new LongAdder();
    private final LongAdder waited = new LongAdder();

    OverloadedException full() {
        full.increment();
        return new OverloadedException(Reason.FULL);
    }

    OverloadedException waitedTooLong() {
        waited.increment();
        return new OverloadedException(Reason.WAITED_TOO_LONG);
    }

    void deadlinePassed() {
        waited.increment();
    }

    long whenFull() {
        return full.sum();
    }

    long afterWaiting() {
        return waited.sum();
    }
}
