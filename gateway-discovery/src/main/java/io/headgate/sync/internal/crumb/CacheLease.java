package io.headgate.sync.internal.crumb;

import java.util.concurrent.atomic.AtomicBoolean;

/** The use of a cache that is there as long as somebody uses it. Any thread. */
public final class CacheLease {

    private final CrumbCache cache;
    private final Runnable end;
    private final AtomicBoolean closed = new AtomicBoolean();

    CacheLease(CrumbCache cache, Runnable end) {
        this.cache = cache;
        this.end = end;
    }

    /**
     * The cache.
     *
     * @return valid until this is closed
     */
    public CrumbCache cache() {
        return cache;
    }

    /** Ends the use, after that of cursors and readers of the cache. Closing twice does nothing. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            end.run();
        }
    }
}
