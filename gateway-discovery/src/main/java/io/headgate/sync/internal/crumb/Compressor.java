package io.headgate.sync.internal.crumb;

import io.headgate.sync.internal.wire.SnappyWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log once more, compressed: it follows the plain one like a client and compresses each crumb once, while anybody wants
 * it. The writer only knocks.
 *
 * <p><b>Threading.</b> Any thread opens cursors, under a lock that neither the writer nor readers take; one at a time runs.
 */
final class Compressor {

    private static final Logger LOG = LoggerFactory.getLogger(Compressor.class);

    private final ByteLog plain;
    private final CrumbSettings settings;
    private final ByteBufAllocator allocator;
    private final AtomicLong held;
    private final SnappyWriter snappy = new SnappyWriter();
    private final AtomicInteger knocks = new AtomicInteger();
    private volatile boolean running;
    private @Nullable ByteLog log; // guarded by this
    private @Nullable CrumbCursor source; // of who runs, while running
    private boolean busy; // guarded by this
    private volatile boolean closed; // written under this

    Compressor(ByteLog plain, CrumbSettings settings, ByteBufAllocator allocator, AtomicLong held) {
        this.plain = plain;
        this.settings = settings;
        this.allocator = allocator;
        this.held = held;
    }

    /**
     * A cursor behind a crumb. {@link #knock} afterwards.
     *
     * @return null when what comes after it is gone
     */
    synchronized @Nullable CrumbCursor open(long after) {
        if (closed) {
            return null;
        }
        if (!running && !start()) {
            return null;
        }
        return log == null ? null : log.open(after);
    }

    /** Goes on where it stopped, or anew with all that is kept when that is gone. */
    private boolean start() {
        ByteLog last = log;
        CrumbCursor from = last == null ? null : plain.open(last.position());
        if (from == null) {
            if (last != null) {
                last.close();
                log = null;
            }
            from = plain.openOldest();
            if (from == null) {
                return false;
            }
            log = new ByteLog(from.position(), settings, allocator, held);
        }
        source = from;
        running = true;
        return true;
    }

    /** Whether somebody is to call {@link #run} now; never twice at a time. */
    boolean knock() {
        return running && knocks.getAndIncrement() == 0;
    }

    /**
     * Compresses all that is there.
     *
     * @param published is told after each crumb
     * @param now the time
     */
    void run(Runnable published, long now) {
        if (!begin()) {
            return;
        }
        try {
            int seen = knocks.get();
            do {
                drain(published, now);
                seen = knocks.addAndGet(-seen);
            } while (seen != 0);
        } finally {
            end();
        }
    }

    private synchronized boolean begin() {
        busy = !closed;
        return busy;
    }

    private synchronized void end() {
        busy = false;
        if (closed) {
            discard();
        }
    }

    private void drain(Runnable published, long now) {
        CrumbCursor from = source;
        ByteLog to = target();
        if (from == null || to == null) {
            return;
        }
        try {
            for (ByteBuf crumb = from.take(1); crumb != null; crumb = from.take(1)) {
                compress(crumb, from.time(), to);
                published.run();
                if (closed) {
                    return;
                }
            }
            to.trim(now);
            stopWhenUnused();
        } catch (RuntimeException | OutOfMemoryError e) { // direct memory may be used up
            LOG.error("A set cannot be compressed any further; clients that read it so have to end", e);
            close();
        }
    }

    private void compress(ByteBuf crumb, long time, ByteLog to) {
        try {
            ByteBuf scratch = allocator.directBuffer(crumb.readableBytes() + 16);
            try {
                snappy.write(crumb, scratch);
                to.append(scratch, time);
            } finally {
                scratch.release();
            }
        } finally {
            crumb.release();
        }
    }

    private synchronized @Nullable ByteLog target() {
        return log;
    }

    private synchronized void stopWhenUnused() {
        if (running && log != null && (closed || !log.hasCursors())) {
            stop();
        }
    }

    private void stop() {
        running = false;
        if (source != null) {
            source.close();
            source = null;
        }
    }

    /** How often a cursor found crumbs, and how often none. */
    synchronized long looks(boolean found) {
        return log == null ? 0 : found ? log.ready() : log.dry();
    }

    /** The last crumb that the slowest cursor has taken; without cursors this stands still, which holds nobody up. */
    synchronized long slowest() {
        return log == null || !log.hasCursors() ? plain.position() : log.slowest();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Ends the log, now or by who runs. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            if (!busy) {
                discard();
            }
        }
    }

    private void discard() {
        stop();
        if (log != null) {
            log.close();
        }
    }
}
