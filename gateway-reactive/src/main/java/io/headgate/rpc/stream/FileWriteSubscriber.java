package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/** One writing of a file. Buffers wait in a short queue for the worker; all that touches the file happens there. */
final class FileWriteSubscriber implements CoreSubscriber<ByteBuf>, Subscription, Runnable {

    private static final int AHEAD = 4; // the next buffers come over while one is written

    private final CoreSubscriber<? super Long> actual;
    private final Path path;
    private final Scheduler.Worker worker;
    private final Queue<ByteBuf> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger wakeUps = new AtomicInteger();
    private @Nullable Subscription source;
    private @Nullable Throwable failure; // before done
    private volatile boolean done;
    private volatile boolean cancelled;
    private volatile boolean over;
    private long position; // this and what follows only on the worker
    private @Nullable FileChannel file;

    FileWriteSubscriber(CoreSubscriber<? super Long> actual, Path path, long offset, Scheduler.Worker worker) {
        this.actual = actual;
        this.path = path;
        this.position = offset;
        this.worker = worker;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(source, subscription)) {
            source = subscription;
            actual.onSubscribe(this);
            subscription.request(AHEAD);
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        queue.add(buffer);
        if (over) {
            releaseAll();
        } else {
            wakeUp();
        }
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
        done = true;
        wakeUp();
    }

    @Override
    public void onComplete() {
        done = true;
        wakeUp();
    }

    @Override
    public void request(long n) {
        // the one number comes when it comes
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            cancelSource();
            wakeUp();
        }
    }

    private void wakeUp() {
        if (wakeUps.getAndIncrement() == 0) {
            try {
                worker.schedule(this);
            } catch (RejectedExecutionException e) {
                if (!over) {
                    fail(e); // the scheduler is gone, and with it every thread that might touch the file but this one
                }
            }
        }
    }

    @Override
    public void run() {
        int seen = wakeUps.get();
        do {
            if (!over) {
                step();
            }
            seen = wakeUps.addAndGet(-seen);
        } while (seen != 0);
    }

    private void step() {
        try {
            boolean last = done; // before the queue is looked at: nothing is added after it
            if (cancelled) {
                end(); // without a file, if there was none yet
                return;
            }
            FileChannel open = open();
            while (!cancelled) {
                ByteBuf buffer = queue.poll();
                if (buffer == null) {
                    break;
                }
                write(open, buffer);
                more();
            }
            if (cancelled) {
                end();
            } else if (last) {
                complete(open);
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private FileChannel open() throws IOException {
        FileChannel open = file;
        if (open == null) {
            open = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            file = open;
            if (open.size() < position) {
                throw new IOException(
                        "offset: " + position + " (expected: 0.." + open.size() + ", the size of the file)");
            }
        }
        return open;
    }

    private void write(FileChannel open, ByteBuf buffer) throws IOException {
        try {
            while (buffer.isReadable()) {
                position += buffer.readBytes(open, position, buffer.readableBytes());
            }
        } finally {
            buffer.release();
        }
    }

    private void more() {
        Subscription upstream = source;
        if (upstream != null && !done) {
            upstream.request(1);
        }
    }

    private void complete(FileChannel open) throws IOException {
        Throwable cause = failure;
        if (cause == null) {
            open.truncate(position);
        }
        open.force(true);
        end();
        if (cause != null) {
            actual.onError(cause);
        } else {
            actual.onNext(position);
            actual.onComplete();
        }
    }

    private void fail(Exception cause) {
        cancelSource();
        boolean told = cancelled;
        try {
            end();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        if (told) {
            Operators.onErrorDropped(cause, currentContext());
        } else {
            actual.onError(cause);
        }
    }

    private void end() throws IOException {
        over = true;
        releaseAll();
        worker.dispose();
        FileChannel open = file;
        if (open != null) {
            file = null;
            open.close();
        }
    }

    private void cancelSource() {
        Subscription upstream = source;
        if (upstream != null) {
            upstream.cancel();
        }
    }

    private void releaseAll() {
        for (ByteBuf buffer = queue.poll(); buffer != null; buffer = queue.poll()) {
            buffer.release();
        }
    }
}
