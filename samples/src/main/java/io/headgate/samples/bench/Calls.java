package io.headgate.samples.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Small calls to be made, with a limit to those in flight. Any thread may tell of an answer; one of them at a time starts the next
 * calls, in a loop, so that answers that come at once do not pile up on the stack.
 */
final class Calls {

    private static final long HIGHEST = TimeUnit.MINUTES.toNanos(1);

    private final long count;
    private final int inFlight;
    private final byte[] payload;
    private final Histogram nanos = new Histogram(HIGHEST, 3);
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private long started; // by whoever drains
    private long answered; // guarded by nanos

    Calls(long count, int inFlight, int bytes) {
        this.count = count;
        this.inFlight = inFlight;
        this.payload = new byte[bytes];
    }

    byte[] payload() {
        return payload;
    }

    long count() {
        return count;
    }

    int inFlight() {
        return inFlight;
    }

    /** Starts as many calls as there may be now; {@code one} starts one and tells of its answer later, or at once. */
    void start(Runnable one) {
        if (changes.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            while (started < count && started - answered() < inFlight) {
                started++;
                one.run();
            }
            missed = changes.addAndGet(-missed);
        } while (missed != 0);
    }

    private long answered() {
        synchronized (nanos) {
            return answered;
        }
    }

    /** A call that began at that time was answered with so many bytes. */
    void answered(long began, int bytes) {
        if (bytes != payload.length) {
            failed(new IllegalStateException("answer: " + bytes + " bytes (expected: " + payload.length + ")"));
        }
        synchronized (nanos) {
            nanos.recordValue(Math.min(HIGHEST, Math.max(1, System.nanoTime() - began)));
            if (++answered == count) {
                over.countDown();
            }
        }
    }

    /** Ends the run. */
    void failed(Throwable why) {
        failure.compareAndSet(null, why);
        over.countDown();
    }

    /** Returns when all are answered. */
    void await() {
        Waiting.until(over, "answers to " + count + " calls");
        Throwable why = failure.get();
        if (why != null) {
            throw new IllegalStateException("call failed: " + why, why);
        }
    }

    long percentile(double percent) {
        synchronized (nanos) {
            return nanos.getValueAtPercentile(percent);
        }
    }
}
