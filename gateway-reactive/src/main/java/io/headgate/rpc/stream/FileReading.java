package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;

/** One reading of a file. Demand and cancel wake the worker; all that touches the file happens there. */
final class FileReading implements Subscription, Runnable {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final Path path;
    private final int chunk;
    private final ByteBufAllocator allocator;
    private final Scheduler.Worker worker;
    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger wakeUps = new AtomicInteger();
    private volatile boolean cancelled;
    private long position; // this and what follows only on the worker
    private @Nullable FileChannel file;
    private boolean over;

    FileReading(
            CoreSubscriber<? super ByteBuf> actual,
            Path path,
            long offset,
            int chunk,
            ByteBufAllocator allocator,
            Scheduler.Worker worker) {
        this.actual = actual;
        this.path = path;
        this.position = offset;
        this.chunk = chunk;
        this.allocator = allocator;
        this.worker = worker;
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            requested.accumulateAndGet(n, Operators::addCap);
            wakeUp();
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            wakeUp();
        }
    }

    private void wakeUp() {
        if (wakeUps.getAndIncrement() == 0) {
            try {
                worker.schedule(this);
            } catch (RejectedExecutionException e) {
                rejected(e);
            }
        }
    }

    /** The scheduler is gone, and with it every thread that might touch the file but this one. */
    private void rejected(RejectedExecutionException cause) {
        if (!over) {
            over = true;
            end(null);
            if (!cancelled) {
                actual.onError(cause);
            }
        }
    }

    @Override
    public void run() {
        int seen = wakeUps.get();
        do {
            step();
            seen = wakeUps.addAndGet(-seen);
        } while (seen != 0);
    }

    private void step() {
        while (!over && !cancelled && requested.get() > 0) {
            ByteBuf buffer;
            try {
                buffer = next();
            } catch (IOException | RuntimeException e) {
                over = true;
                end(e);
                actual.onError(e);
                return;
            }
            if (buffer == null) {
                over = true;
                end(null);
                actual.onComplete();
                return;
            }
            if (requested.get() != Long.MAX_VALUE) {
                requested.decrementAndGet();
            }
            actual.onNext(buffer);
        }
        if (cancelled && !over) {
            over = true;
            end(null);
        }
    }

    /** The next buffer, or null at the end of the file. */
    private @Nullable ByteBuf next() throws IOException {
        FileChannel open = file;
        if (open == null) {
            open = FileChannel.open(path, StandardOpenOption.READ);
            file = open;
        }
        ByteBuf buffer = allocator.directBuffer(chunk, chunk);
        boolean filled = false;
        try {
            int read = buffer.writeBytes(open, position, chunk);
            filled = read > 0;
            position += Math.max(read, 0);
            return filled ? buffer : null;
        } finally {
            if (!filled) {
                buffer.release();
            }
        }
    }

    private void end(@Nullable Throwable cause) {
        worker.dispose();
        FileChannel open = file;
        if (open != null) {
            file = null;
            try {
                open.close();
            } catch (IOException e) {
                if (cause != null) {
                    cause.addSuppressed(e);
                }
                // what was read is good whether or not the file could be closed
            }
        }
    }
}
