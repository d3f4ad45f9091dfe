package io.headgate.sync.server;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.internal.crumb.CacheLease;
import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbStats;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** One set that is served, with what is cut out of it for those who want less. Any thread. */
final class Topic {

    private final View whole;
    private final AtomicInteger streaming = new AtomicInteger();
    private final Map<CrumbCache, Part> parts = new HashMap<>(); // guarded by itself

    /** A view that is there as long as somebody uses it. */
    private static final class Part {

        private final View view;
        private int users; // guarded by the table

        Part(View view) {
            this.view = view;
        }
    }

    /** The use of a view by one client. */
    final class Seat {

        private final View view;
        private final @Nullable CacheLease lease; // null for the whole

        Seat(View view, @Nullable CacheLease lease) {
            this.view = view;
            this.lease = lease;
            streaming.incrementAndGet();
        }

        View view() {
            return view;
        }

        /** Once. */
        void leave() {
            streaming.decrementAndGet();
            if (lease != null) {
                leavePart(lease);
            }
        }
    }

    Topic(CrumbCache cache) {
        this.whole = new View(cache, cache);
    }

    /**
     * The set for one more client.
     *
     * @param prefixes of the keys; all when empty
     * @return null when there are too many different views
     */
    @Nullable Seat enter(List<String> prefixes) {
        if (prefixes.isEmpty()) {
            return new Seat(whole, null);
        }
        CacheLease lease = whole.cache().part(prefixes);
        if (lease == null) {
            return null;
        }
        synchronized (parts) {
            Part part = parts.computeIfAbsent(lease.cache(), cache -> new Part(new View(cache, whole.cache())));
            part.users++;
            return new Seat(part.view, lease);
        }
    }

    private void leavePart(CacheLease lease) {
        synchronized (parts) {
            Part part = parts.get(lease.cache());
            if (part != null && --part.users == 0) {
                parts.remove(lease.cache());
                part.view.dispose();
            }
        }
        lease.close();
    }

    Flux<SyncEvent> events() {
        return whole.cache().events();
    }

    SyncServerStats.Topic stats() {
        CrumbStats cache = whole.cache().stats();
        int views;
        synchronized (parts) {
            views = parts.size();
        }
        return new SyncServerStats.Topic(
                cache.status(),
                cache.size(),
                cache.position(),
                streaming.get(),
                views,
                cache.updates(),
                cache.skipped(),
                cache.crumbs(),
                cache.snapshotsGenerated(),
                cache.snapshotsReused(),
                cache.snapshotRawBytes(),
                cache.snapshotCompressedBytes(),
                cache.bytesHeld(),
                cache.heard());
    }

    void dispose() {
        whole.dispose();
        whole.cache().dispose();
    }
}
