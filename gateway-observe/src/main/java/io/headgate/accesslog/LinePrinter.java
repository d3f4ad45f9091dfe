package io.headgate.accesslog;

import io.headgate.http.ExchangeRecord;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes lines of what waits and writes them, as a task that runs while there is something to do. When it has caught up it looks again
 * a moment later before it ends, so that under load nobody has to wake it, and lines are flushed together.
 */
final class LinePrinter implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int LONG_LINE = 16 * 1024;

    private final RecordQueue queue;
    private final AccessFormat format;
    private final AccessSink sink;
    private final LongSupplier dropped;
    private final Executor executor;
    private final @Nullable OwnThread thread;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private final AtomicBoolean idle = new AtomicBoolean(true);
    private volatile boolean abandoned;
    private volatile long written; // these two are changed by the task alone
    private volatile long failed;
    private StringBuilder line = new StringBuilder(512);
    private long droppedTold;
    private boolean failureTold;

    LinePrinter(RecordQueue queue, AccessLogSpec spec, LongSupplier dropped) {
        this.queue = queue;
        this.format = spec.format();
        this.sink = spec.sink();
        this.dropped = dropped;
        thread = spec.executor() == null ? OwnThread.start() : null;
        executor = thread == null ? Objects.requireNonNull(spec.executor()) : thread;
    }

    /** Sees to it that what has been put into the queue is printed. On event loops; one read when the task is at work. */
    void wake() {
        if (!idle.get() || !idle.compareAndSet(true, false)) {
            return;
        }
        try {
            executor.execute(this);
        } catch (RuntimeException e) {
            idle.set(true); // the next one may have more luck, and what finds no room is counted
            tellFailure("executor of the access log takes no task", e);
        }
    }

    /** Prints until nothing is left; one thread at a time. */
    @Override
    public void run() {
        do {
            while (printAll()) {
                LockSupport.parkNanos(this, LINGER);
            }
            if (abandoned || queue.isFinished()) {
                end();
                return;
            }
            idle.set(true);
        } while ((queue.size() > 0 || queue.isFinished()) && idle.compareAndSet(true, false));
    }

    private void end() {
        printDropped();
        flush();
        ended.complete(null);
        if (thread != null) {
            thread.end();
        }
    }

    /** Returns whether there was anything. What was dropped came after what waited, so it is told then; under endless load, too. */
    private boolean printAll() {
        int lines = 0;
        for (ExchangeRecord next = next(); next != null; next = next()) {
            print(next);
            if (++lines % (2 * queue.capacity()) == 0) {
                printDropped();
            }
        }
        if (lines > 0) {
            printDropped();
            flush();
        }
        return lines > 0 || queue.size() > 0 && !abandoned;
    }

    private @Nullable ExchangeRecord next() {
        return abandoned ? null : queue.poll();
    }

    private void print(ExchangeRecord exchange) {
        try {
            begin();
            format.format(exchange, line);
            write();
        } catch (Throwable e) {
            lost(e);
        }
    }

    private void printDropped() {
        long now = dropped.getAsLong();
        if (now == droppedTold || abandoned) {
            return;
        }
        try {
            begin();
            format.formatDropped(now - droppedTold, line);
            droppedTold = now;
            write();
        } catch (Throwable e) {
            lost(e);
        }
    }

    private void begin() {
        if (line.capacity() > LONG_LINE) {
            line = new StringBuilder(512); // a long line of once is not paid for ever
        }
        line.setLength(0);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread at a time
    private void write() throws IOException {
        Characters.mask(line);
        sink.write(line);
        written++;
    }

    private void flush() {
        try {
            sink.flush();
        } catch (Throwable e) {
            tellFailure("access log cannot be flushed", e);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread at a time
    private void lost(Throwable why) {
        failed++;
        tellFailure("access log loses lines", why);
    }

    private void tellFailure(String what, Throwable why) {
        if (!failureTold) {
            failureTold = true;
            LOG.error("{}; this is said once, and lines that are lost are counted", what, why);
        }
    }

    // ---- from other threads

    /** Gives up what waits, and the line that the sink may hold back. */
    void abandon() {
        abandoned = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    boolean isAbandoned() {
        return abandoned;
    }

    long written() {
        return written;
    }

    long failed() {
        return failed;
    }

    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }
}
