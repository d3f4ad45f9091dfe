package io.headgate.sync.internal.crumb;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Caches of parts of a set, one for each set of prefixes that somebody uses: made for the first, dropped with the last.
 *
 * <p><b>Threading.</b> Any thread, under a lock that nobody takes while reading.
 */
final class PrefixCaches {

    private final int most;
    private final Function<Prefixes, CrumbCache> factory;
    private final Map<Prefixes, Part> parts = new HashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    private static final class Part {

        private final CrumbCache cache;
        private int users; // guarded by the table

        Part(CrumbCache cache) {
            this.cache = cache;
        }
    }

    PrefixCaches(int most, Function<Prefixes, CrumbCache> factory) {
        this.most = most;
        this.factory = factory;
    }

    synchronized int size() {
        return parts.size();
    }

    /** The use of a part; null when there are as many others as there may be. */
    synchronized @Nullable CacheLease lease(Prefixes prefixes) {
        if (closed) {
            throw new IllegalStateException("cache: closed (expected: open)");
        }
        Part part = parts.get(prefixes);
        if (part == null) {
            if (parts.size() == most) {
                return null;
            }
            part = new Part(factory.apply(prefixes));
            parts.put(prefixes, part);
        }
        part.users++;
        Part used = part;
        return new CacheLease(part.cache, () -> leave(prefixes, used));
    }

    private synchronized void leave(Prefixes prefixes, Part part) {
        part.users--;
        if (part.users == 0 && parts.remove(prefixes, part)) {
            part.cache.dispose();
        }
    }

    synchronized void close() {
        closed = true;
        parts.values().forEach(part -> part.cache.dispose());
        parts.clear();
    }
}
