package io.headgate.sync.internal.crumb;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a log: bytes that are only added to, and where each crumb ends in them. One thread writes, any number read what
 * {@link #count} says is there.
 *
 * <p>It is counted: by the log while it wants it, and by each cursor that stands in it. Each slab holds the next one, so
 * whoever holds one can read on for ever, and what lies before the slowest goes.
 */
final class Slab {

    private static final AtomicIntegerFieldUpdater<Slab> HOLDERS =
            AtomicIntegerFieldUpdater.newUpdater(Slab.class, "holders");
    private static final int FIRST_CRUMBS = 16;

    private final ByteBuf bytes;
    private final long first;
    private final AtomicLong held;
    private int[] ends = new int[FIRST_CRUMBS]; // published by count
    private long[] times = new long[FIRST_CRUMBS]; // published by count
    private volatile int count;
    private volatile @Nullable Slab next;
    private volatile int holders = 1;

    /**
     * An empty slab that the caller holds.
     *
     * @param bytes takes ownership; never grown
     * @param first the number of the first crumb that will be in it
     * @param held counts the bytes of slabs that somebody holds
     */
    Slab(ByteBuf bytes, long first, AtomicLong held) {
        this.bytes = bytes;
        this.first = first;
        this.held = held;
        held.addAndGet(bytes.capacity());
    }

    long first() {
        return first;
    }

    /** How many crumbs can be read. */
    int count() {
        return count;
    }

    int capacity() {
        return bytes.capacity();
    }

    @Nullable Slab next() {
        return next;
    }

    /** Where the crumb of an index begins; the index may be the count. */
    int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    int end(int index) {
        return ends[index];
    }

    long time(int index) {
        return times[index];
    }

    /** Bytes of it, which the caller then owns. */
    ByteBuf slice(int start, int end) {
        return bytes.retainedSlice(start, end - start);
    }

    /** For the writer: whether so much fits. */
    boolean hasRoom(int length) {
        return bytes.writableBytes() >= length;
    }

    /** For the writer: adds a crumb; borrows it. */
    void append(ByteBuf crumb, long time) {
        bytes.writeBytes(crumb, crumb.readerIndex(), crumb.readableBytes());
        seal(time);
    }

    /** For the writer: what is in the buffer and no crumb yet is one. */
    void seal(long time) {
        int index = count;
        if (index == ends.length) {
            ends = Arrays.copyOf(ends, index * 2);
            times = Arrays.copyOf(times, index * 2);
        }
        ends[index] = bytes.writerIndex();
        times[index] = time;
        count = index + 1;
    }

    /** For the writer: nothing is added any more; takes over the caller's hold of what comes after. */
    void link(Slab after) {
        next = after;
    }

    /** For those who know that somebody holds it. */
    Slab hold() {
        HOLDERS.incrementAndGet(this);
        return this;
    }

    /** For those who do not; false when it is gone. */
    boolean tryHold() {
        for (int now = holders; now > 0; now = holders) {
            if (HOLDERS.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Gives a hold back, and with the last one everything that this alone kept alive. */
    void release() {
        Slab slab = this;
        while (slab != null && HOLDERS.decrementAndGet(slab) == 0) {
            slab.held.addAndGet(-slab.bytes.capacity());
            slab.bytes.release();
            slab = slab.next;
        }
    }
}
