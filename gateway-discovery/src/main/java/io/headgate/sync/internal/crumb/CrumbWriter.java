package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Makes crumbs of what has changed and tells nobody what changes nothing.
 *
 * <p>Updates and statuses are gathered until {@link #publish}. The status goes with the last crumb of a batch, so that it
 * never comes before updates that came before it.
 *
 * <p><b>Threading.</b> One thread at a time writes; {@link #newest} is for all.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
final class CrumbWriter {

    private final CrumbSettings settings;
    private final Frames frames;
    private final ByteBufAllocator allocator;
    private final LongSupplier nanoTime;
    private final ByteLog log;
    private final List<SyncUpdate> pending = new ArrayList<>();
    private @Nullable SyncStatus pendingStatus;
    private volatile Picture newest;
    private volatile long updates;
    private volatile long told;
    private volatile long crumbs;

    CrumbWriter(
            Picture start,
            ByteLog log,
            CrumbSettings settings,
            Frames frames,
            ByteBufAllocator allocator,
            LongSupplier nanoTime) {
        this.newest = start;
        this.log = log;
        this.settings = settings;
        this.frames = frames;
        this.allocator = allocator;
        this.nanoTime = nanoTime;
    }

    Picture newest() {
        return newest;
    }

    /** How many updates came. */
    long updates() {
        return updates;
    }

    /** How many of them were worth telling. */
    long told() {
        return told;
    }

    /** How many crumbs were made. */
    long crumbs() {
        return crumbs;
    }

    void update(SyncUpdate update) {
        pending.add(update);
    }

    void status(SyncStatus status) {
        pendingStatus = status;
    }

    /** Forgets what was gathered. */
    void drop() {
        pending.clear();
        pendingStatus = null;
    }

    /** Whether as much was gathered as one batch should hold; a status counts as one update. */
    boolean isFull() {
        return pending.size() + (pendingStatus == null ? 0 : 1) >= settings.batch();
    }

    /**
     * Makes crumbs of what was gathered.
     *
     * @param published is told after each of them
     */
    void publish(Runnable published) {
        int size = pending.size();
        int from = 0;
        do {
            int to = Portion.end(pending, from, settings.batch(), settings.frameBytes());
            SyncStatus before = newest.crumb().status();
            SyncStatus status = to < size || pendingStatus == null ? before : pendingStatus;
            if (crumb(pending.subList(from, to), before, status)) {
                published.run();
            }
            from = to;
        } while (from < size);
        drop();
        log.trim(nanoTime.getAsLong());
    }

    private boolean crumb(List<SyncUpdate> batch, SyncStatus before, SyncStatus status) {
        Picture last = newest;
        TreePMap<String, SyncUpdate> entries = last.entries();
        List<SyncUpdate> deltas = new ArrayList<>(batch.size());
        for (SyncUpdate update : batch) {
            if (update.isPresent() && update.type() != UpdateType.DELETED) {
                SyncUpdate told = entries.get(update.key());
                if (told == null || !update.repeats(told)) {
                    entries = entries.plus(update.key(), update.withType(UpdateType.NEW));
                    deltas.add(update);
                }
            } else {
                entries = entries.minus(update.key());
                deltas.add(deletion(update));
            }
        }
        updates = updates + batch.size();
        told = told + deltas.size();
        if (deltas.isEmpty() && status == before) {
            return false;
        }
        Crumb crumb = new Crumb(last.crumb().position() + 1, nanoTime.getAsLong(), status, deltas);
        encode(crumb, before);
        newest = new Picture(crumb, entries);
        last.crumb().link(crumb);
        crumbs = crumbs + 1;
        return true;
    }

    /** What has no value is gone, for those who see the change and for those who come later. */
    private static SyncUpdate deletion(SyncUpdate update) {
        if (!update.isPresent()) {
            return update.withType(UpdateType.DELETED);
        }
        return new SyncUpdate(
                update.key(), null, update.revision(), update.resourceVersion(), update.ttl(), UpdateType.DELETED);
    }

    private void encode(Crumb crumb, SyncStatus before) {
        ByteBuf scratch = allocator.directBuffer();
        try {
            boolean changed = crumb.status() != before;
            if (!crumb.deltas().isEmpty()) {
                frames.kvs(crumb.deltas(), changed ? 0 : crumb.position(), scratch);
            }
            if (changed) {
                frames.status(crumb.status(), crumb.position(), scratch);
            }
            log.append(scratch, crumb.nanos());
        } finally {
            scratch.release();
        }
    }
}
