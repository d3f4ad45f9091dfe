package io.headgate.sync.server;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbStats;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** One set that is served, with what is cut out of it for those who want less. Any thread. */
final class Topic {

    private final View whole;
    private final AtomicInteger streaming = new AtomicInteger();

    Topic(CrumbCache cache) {
        this.whole = new View(cache);
    }

    /**
     * The set for one more client, which gives it back by {@link #leave}.
     *
     * @param prefixes of the keys; all when empty
     * @return null when there are too many different views
     */
    @Nullable View enter(List<String> prefixes) {
        streaming.incrementAndGet();
        return whole;
    }

    void leave(View view) {
        streaming.decrementAndGet();
    }

    Flux<SyncEvent> events() {
        throw new UnsupportedOperationException();
    }

    SyncServerStats.Topic stats() {
        CrumbStats cache = whole.cache().stats();
        return new SyncServerStats.Topic(cache.status(), cache.size(), cache.position(), streaming.get(), 0);
    }

    void dispose() {
        whole.dispose();
    }
}
