package io.headgate.breaker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that is moved by hand. It begins shortly before its nanoseconds overflow, as a real one may. */
final class HandClock implements LongSupplier {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);

    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }

    @Override
    public long getAsLong() {
        return nanos.get();
    }
}
