package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a set, linked to the one after it. Who holds a crumb can follow all that came later; nobody knows who holds it.
 * It does not hold the entries: those who lag would keep old trees alive.
 */
public final class Crumb {

    private final long position;
    private final long nanos;
    private final SyncStatus status;
    private final List<SyncUpdate> deltas;
    private volatile @Nullable Crumb next;

    Crumb(long position, long nanos, SyncStatus status, List<SyncUpdate> deltas) {
        this.position = position;
        this.nanos = nanos;
        this.status = status;
        this.deltas = List.copyOf(deltas);
    }

    /**
     * Its number; the next one's is one more.
     *
     * @return 0 for a set that has never held anything
     */
    public long position() {
        return position;
    }

    /**
     * When it was made.
     *
     * @return by the time source of its cache
     */
    public long nanos() {
        return nanos;
    }

    /**
     * How complete the set is from here on.
     *
     * @return the status
     */
    public SyncStatus status() {
        return status;
    }

    /**
     * What is different from the crumb before.
     *
     * @return in order; empty when only the status has changed
     */
    public List<SyncUpdate> deltas() {
        return deltas;
    }

    /**
     * The crumb after this.
     *
     * @return null while this is the newest
     */
    public @Nullable Crumb next() {
        return next;
    }

    void link(Crumb after) {
        next = after;
    }
}
