package io.headgate.rpc.stream;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
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
    private final long end;
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
            long end,
            int chunk,
            ByteBufAllocator allocator,
            Scheduler.Worker worker) {
        this.actual = actual;
        this.path = path;
        this.position = offset;
        this.end = end;
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
            close(null);
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
                close(e);
                actual.onError(e);
                return;
            }
            if (buffer == null) {
                over = true;
                close(null);
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
            close(null);
        }
    }

    /** The next buffer, or null at the end. */
    private @Nullable ByteBuf next() throws IOException {
        if (position == end) {
            return null;
        }
        FileChannel open = file;
        if (open == null) {
            open = FileChannel.open(path, StandardOpenOption.READ);
            file = open;
        }
        int size = (int) Math.min(chunk, end - position);
        ByteBuf buffer = allocator.directBuffer(size, size);
        boolean filled = false;
        try {
            int read = buffer.writeBytes(open, position, size);
            filled = read > 0;
            if (!filled && end != OctetFiles.NO_END) {
                throw RpcException.of(
                        RpcStatus.DATA_LOSS, "file: ended at byte " + position + " (expected: at byte " + end + ')');
            }
            position += Math.max(read, 0);
            return filled ? buffer : null;
        } finally {
            if (!filled) {
                buffer.release();
            }
        }
    }

    private void close(@Nullable Throwable cause) {
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
