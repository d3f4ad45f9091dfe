package io.headgate.sync.internal.crumb;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Where one client is in a log. It keeps what it has not taken alive, and nothing else.
 *
 * <p><b>Threading.</b> Belongs to one thread, the event loop of its client. It takes no lock.
 */
public final class CrumbCursor {

    private final ByteLog log;
    private @Nullable Slab slab; // null when closed
    private int index; // of the next crumb in the slab
    private final long after;
    private volatile long position;
    private long time;

    CrumbCursor(ByteLog log, Slab slab, long after) {
        this.log = log;
        this.slab = slab;
        this.after = after;
        this.position = after;
        log.entered(this);
    }

    /**
     * The next crumbs, whole and in order.
     *
     * @param maxBytes how many bytes to take, unless already one crumb is more
     * @return passes ownership; null when all was taken, or this is closed
     */
    public @Nullable ByteBuf take(int maxBytes) {
        Slab at = advance();
        log.looked(at != null);
        if (at == null) {
            return null;
        }
        int start = at.start(index);
        int last = lastWithin(at, start + (long) maxBytes);
        index = last + 1;
        position = at.first() + last;
        time = at.time(last);
        return at.slice(start, at.end(last));
    }

    /** The slab that holds the next crumb. */
    private @Nullable Slab advance() {
        Slab at = slab;
        while (at != null) {
            int count = at.count();
            skip(at, count);
            if (index < count) {
                return at;
            }
            Slab next = at.next();
            if (next == null) {
                return null;
            }
            if (at.count() == count) { // nothing was added before the next one was linked
                slab = next.hold();
                index = 0;
                at.release();
                at = next;
            }
        }
        return null;
    }

    /** What its owner has already. */
    private void skip(Slab at, int count) {
        long known = after + 1 - at.first();
        if (index < known) {
            index = (int) Math.min(known, count);
        }
    }

    /** The last crumb that ends before a limit, at least the next one. */
    private int lastWithin(Slab at, long limit) {
        int low = index;
        int high = at.count() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (at.end(middle) <= limit) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /**
     * The last crumb that was taken.
     *
     * @return at first the one it was opened behind. Any thread may ask
     */
    public long position() {
        return position;
    }

    /** When the last crumb that was taken was made. */
    long time() {
        return time;
    }

    /**
     * How much older the next crumb is than the newest.
     *
     * @return nanoseconds; 0 when all was taken
     */
    public long ageNanos() {
        Slab at = advance();
        return at == null ? 0 : Math.max(0, log.lastTime() - at.time(index));
    }

    /**
     * Whether there is nothing to take and never will be.
     *
     * @return true when the cache is closed and all was taken
     */
    public boolean isEnded() {
        return log.isClosed() && advance() == null;
    }

    /** Another cursor at the same place; for who owns this one. */
    CrumbCursor fork() {
        Slab at = slab;
        if (at == null) {
            throw new IllegalStateException("cursor: closed (expected: open)");
        }
        CrumbCursor fork = new CrumbCursor(log, at.hold(), position);
        fork.index = index;
        return fork;
    }

    /** Gives back what it holds; what was taken stays with who took it. Closing twice does nothing. */
    public void close() {
        Slab at = slab;
        slab = null;
        if (at != null) {
            log.left(this);
            at.release();
        }
    }
}
