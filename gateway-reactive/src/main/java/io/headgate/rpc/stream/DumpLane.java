package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * One direction of one connection on its way into a channel. Bytes are added on the event loop and written on the worker. What
 * waits is copies on the heap, bounded, so that nothing is left to release wherever it ends.
 */
final class DumpLane implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(RpcDump.class);

    private final Callable<WritableByteChannel> opener;
    private final Scheduler.Worker worker;
    private final int maxWaiting;
    private final LongAdder dropped;
    private final Queue<byte[]> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicInteger wakeUps = new AtomicInteger();
    private long gap; // bytes dropped since the last that were queued; on the event loop
    private volatile boolean ended;
    private @Nullable WritableByteChannel channel; // this and what follows on the worker
    private boolean broken;

    DumpLane(Callable<WritableByteChannel> opener, Scheduler.Worker worker, int maxWaiting, LongAdder dropped) {
        this.opener = opener;
        this.worker = worker;
        this.maxWaiting = maxWaiting;
        this.dropped = dropped;
    }

    /** Borrows bytes; copies them. */
    void add(ByteBuf bytes) {
        int size = bytes.readableBytes();
        if (waiting.get() + size > maxWaiting) {
            gap += size;
            dropped.add(size);
            return;
        }
        mark();
        byte[] copy = new byte[size];
        bytes.getBytes(bytes.readerIndex(), copy);
        enqueue(copy);
        wakeUp();
    }

    private void enqueue(byte[] bytes) {
        waiting.addAndGet(bytes.length);
        queue.add(bytes);
    }

    /** Nothing comes any more; writes what waits, then closes. */
    void end() {
        mark();
        ended = true;
        wakeUp();
    }

    /** The line in the place of what is missing. */
    private void mark() {
        if (gap > 0) {
            byte[] line = ("\n[" + gap + " bytes dropped]\n").getBytes(StandardCharsets.US_ASCII);
            gap = 0;
            enqueue(line);
        }
    }

    private void wakeUp() {
        if (wakeUps.getAndIncrement() == 0) {
            try {
                worker.schedule(this);
            } catch (RejectedExecutionException e) {
                queue.clear(); // the scheduler is gone, and so is the dump; bytes that come later are counted as
                // dropped
            }
        }
    }

    @Override
    public void run() {
        int seen = wakeUps.get();
        do {
            boolean last = ended;
            drain();
            if (last) {
                close();
                return; // nothing is added after the end, and nobody wakes this up any more
            }
            seen = wakeUps.addAndGet(-seen);
        } while (seen != 0);
    }

    private void drain() {
        for (byte[] bytes = queue.poll(); bytes != null; bytes = queue.poll()) {
            try {
                write(bytes);
            } finally {
                waiting.addAndGet(-bytes.length);
            }
        }
    }

    private void write(byte[] bytes) {
        if (broken) {
            dropped.add(bytes.length);
            return;
        }
        try {
            WritableByteChannel open = channel;
            if (open == null) {
                open = opener.call();
                channel = open;
            }
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                open.write(rest);
            }
        } catch (Exception e) {
            broken = true;
            dropped.add(bytes.length);
            LOG.warn("a dump cannot be written, the rest of its connection is left out: {}", e.toString());
        }
    }

    private void close() {
        worker.dispose();
        try (WritableByteChannel open = channel) {
            channel = null;
        } catch (IOException e) {
            LOG.warn("a dump cannot be closed: {}", e.toString());
        }
    }
}
