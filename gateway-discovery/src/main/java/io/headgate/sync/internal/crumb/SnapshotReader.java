package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One client's way through a snapshot, and then to the log: entries, then the status unless it is still
 * {@link SyncStatus#WAIT_FOR_DATASTORE}. The last frame bears the position.
 *
 * <p><b>Threading.</b> Belongs to one thread, the event loop of its client. {@link #take} takes no lock.
 */
public final class SnapshotReader {

    private final SharedSnapshot snapshot;
    private @Nullable Slab slab; // null when closed
    private int offset;
    private @Nullable CrumbCursor cursor; // null when passed on, or closed

    SnapshotReader(SharedSnapshot snapshot, Slab slab, CrumbCursor cursor) {
        this.snapshot = snapshot;
        this.slab = slab;
        this.cursor = cursor;
    }

    /**
     * The next bytes; they may end within a frame.
     *
     * @param maxBytes how many at most
     * @return passes ownership; null when no more is there yet, when {@link #isDone}, or when this is closed
     */
    public @Nullable ByteBuf take(int maxBytes) {
        Slab at = advance();
        if (at == null) {
            return null;
        }
        int start = offset;
        offset = (int) Math.min(at.end(0), start + (long) maxBytes);
        return at.slice(start, offset);
    }

    private @Nullable Slab advance() {
        Slab at = slab;
        while (at != null && (at.count() == 0 || offset == at.end(0))) {
            Slab next = at.next();
            if (next == null) {
                return null;
            }
            slab = next.hold();
            offset = 0;
            at.release();
            at = next;
        }
        return at;
    }

    /**
     * Whether all of it was taken.
     *
     * @return false while more is being made
     */
    public boolean isDone() {
        return snapshot.isComplete() && advance() == null;
    }

    /**
     * Whether all was taken that there will ever be and the end is missing, because the cache is disposed or the rest could not
     * be made.
     *
     * @return false while there are bytes to take
     */
    public boolean isAborted() {
        return snapshot.isAborted() && advance() == null;
    }

    /**
     * Whether what was taken ends with a frame, so that something else can be said now.
     *
     * @return true before the first byte, too
     */
    public boolean isBetweenFrames() {
        Slab at = slab;
        return at == null || offset == 0 || offset == at.end(0);
    }

    /**
     * The crumb that it shows.
     *
     * @return its position
     */
    public long position() {
        return snapshot.position();
    }

    /**
     * How complete it is.
     *
     * @return the status that it ends with
     */
    public SyncStatus status() {
        return snapshot.status();
    }

    /**
     * What comes after the snapshot, which is kept from the beginning.
     *
     * @return passes ownership; once
     */
    public CrumbCursor cursor() {
        CrumbCursor passed = Objects.requireNonNull(cursor, "cursor: passed on already (expected: asked for once)");
        cursor = null;
        return passed;
    }

    /** Gives back what it holds, a cursor that nobody asked for as well. Closing twice does nothing. */
    public void close() {
        Slab at = slab;
        slab = null;
        if (at == null) {
            return;
        }
        at.release();
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
        snapshot.left();
    }
}
