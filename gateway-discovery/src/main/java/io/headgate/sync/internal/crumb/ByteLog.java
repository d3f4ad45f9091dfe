package io.headgate.sync.internal.crumb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Crumbs as bytes, one after the other, for any number of readers. It keeps what readers stand in or before, and for those
 * who come back as much as it is told.
 *
 * <p><b>Threading.</b> One thread at a time writes, trims and closes; any thread opens cursors, which takes no lock.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
final class ByteLog {

    private static final int FIRST_SLAB = 16 * 1024;

    private final ByteBufAllocator allocator;
    private final CrumbSettings settings;
    private final AtomicLong held;
    private volatile Slab oldest; // held until trimmed
    private volatile Slab tail; // held until closed
    private volatile long position;
    private volatile long lastTime;
    private volatile boolean closed;
    private final Set<CrumbCursor> cursors = ConcurrentHashMap.newKeySet();
    private final LongAdder ready = new LongAdder();
    private final LongAdder dry = new LongAdder();
    private long retained; // bytes of the slabs from the oldest to the tail
    private int slabBytes;

    /**
     * An empty log. Without crumbs it holds no memory.
     *
     * @param position the crumb that it comes after
     * @param held counts the bytes of slabs that somebody holds
     */
    ByteLog(long position, CrumbSettings settings, ByteBufAllocator allocator, AtomicLong held) {
        this.allocator = allocator;
        this.settings = settings;
        this.held = held;
        this.position = position;
        slabBytes = Math.min(FIRST_SLAB, settings.slabBytes());
        tail = new Slab(Unpooled.EMPTY_BUFFER, position + 1, held);
        oldest = tail.hold();
    }

    /** The newest crumb. */
    long position() {
        return position;
    }

    /** Whether time alone can make it smaller. */
    boolean isPerishable() {
        return oldest != tail;
    }

    /** When the newest crumb was made. */
    long lastTime() {
        return lastTime;
    }

    boolean isClosed() {
        return closed;
    }

    /** The first crumb that can still be read. */
    long firstRetained() {
        return oldest.first();
    }

    /**
     * Adds a crumb.
     *
     * @param crumb borrowed
     * @param time when it was made
     */
    void append(ByteBuf crumb, long time) {
        int length = crumb.readableBytes();
        Slab slab = tail.hasRoom(length) ? tail : roll(length);
        lastTime = time;
        slab.append(crumb, time);
        position = position + 1;
    }

    /** Small logs stay small: each slab is twice as large as the one before, up to the bound. */
    private Slab roll(int length) {
        Slab full = tail;
        int size = Math.max(length, slabBytes);
        slabBytes = Math.min(slabBytes * 2, settings.slabBytes());
        Slab fresh = new Slab(allocator.directBuffer(size, size), position + 1, held);
        retained += size;
        tail = fresh.hold();
        full.link(fresh);
        full.release();
        return fresh;
    }

    /**
     * Lets go of what is older or more than those who come back may expect; what cursors need stays.
     *
     * @param now the time
     */
    void trim(long now) {
        Slab slab = oldest;
        for (Slab after = slab.next(); after != null && isSpent(slab, now); after = slab.next()) {
            retained -= slab.capacity();
            oldest = after.hold();
            slab.release();
            slab = after;
        }
    }

    private boolean isSpent(Slab slab, long now) {
        int count = slab.count();
        return count == 0
                || retained > settings.retainedBytes()
                || now - slab.time(count - 1) > settings.retainedFor().toNanos();
    }

    /**
     * A cursor behind a crumb.
     *
     * @param after the last crumb that its owner has, which may be one that is still to come
     * @return null when the crumb after it is gone, or the log is closed
     */
    @Nullable CrumbCursor open(long after) {
        while (!closed) {
            Slab newest = tail;
            if (!newest.tryHold()) {
                continue;
            }
            if (newest.first() <= after + 1) {
                return new CrumbCursor(this, newest, after);
            }
            newest.release();
            Slab slab = oldest;
            if (!slab.tryHold()) {
                continue;
            }
            if (slab.first() > after + 1) {
                slab.release();
                return null;
            }
            return new CrumbCursor(this, walk(slab, after), after);
        }
        return null;
    }

    /** A cursor in front of all that is kept; null when the log is closed. */
    @Nullable CrumbCursor openOldest() {
        while (!closed) {
            Slab slab = oldest;
            if (slab.tryHold()) {
                return new CrumbCursor(this, slab, slab.first() - 1);
            }
        }
        return null;
    }

    private static Slab walk(Slab from, long after) {
        Slab slab = from;
        for (Slab next = slab.next(); next != null && next.first() <= after + 1; next = slab.next()) {
            next.hold();
            slab.release();
            slab = next;
        }
        return slab;
    }

    /** Counts what a cursor found when it looked for crumbs. */
    void looked(boolean found) {
        (found ? ready : dry).increment();
    }

    /** How often a cursor found crumbs. */
    long ready() {
        return ready.sum();
    }

    /** How often it found none. */
    long dry() {
        return dry.sum();
    }

    void entered(CrumbCursor cursor) {
        cursors.add(cursor);
    }

    void left(CrumbCursor cursor) {
        cursors.remove(cursor);
    }

    boolean hasCursors() {
        return !cursors.isEmpty();
    }

    /** The last crumb that the slowest cursor has taken; the newest crumb without cursors. */
    long slowest() {
        long slowest = position;
        for (CrumbCursor cursor : cursors) {
            slowest = Math.min(slowest, cursor.position());
        }
        return slowest;
    }

    /** Nothing is added any more; cursors read what is there. */
    void close() {
        if (!closed) {
            closed = true;
            oldest.release();
            tail.release();
        }
    }
}
