package io.headgate.sync.server;

import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbCursor;
import io.headgate.sync.internal.crumb.Format;
import io.headgate.sync.internal.crumb.SnapshotReader;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** A set as some clients are told of it: the whole of a topic, or what some prefixes select. Any thread. */
final class View {

    private final CrumbCache cache;
    private final CrumbCache whole;
    private final Audience plain = new Audience();
    private final Audience snappy = new Audience();
    private final Disposable news;

    /** What is cut out of the whole, or the whole itself. */
    View(CrumbCache cache, CrumbCache whole) {
        this.cache = cache;
        this.whole = whole;
        this.news = Disposables.composite(
                cache.onPublish(Format.PLAIN, plain),
                cache.onPublish(Format.SNAPPY, snappy),
                cache.onSnapshot(Format.PLAIN, plain),
                cache.onSnapshot(Format.SNAPPY, snappy));
    }

    CrumbCache cache() {
        return cache;
    }

    Audience audience(Format format) {
        return format == Format.PLAIN ? plain : snappy;
    }

    /** What positions belong to. */
    long id() {
        return cache.id();
    }

    SnapshotReader snapshot(Format format) {
        return cache.snapshot(format);
    }

    /** Whether clients can never be told any more what comes from the source. */
    boolean isLost(Format format) {
        return cache.isBroken() || whole.isBroken() || (format == Format.SNAPPY && !cache.isCompressing());
    }

    /** The way of a client that was here before; null when it was elsewhere, or for too long. */
    @Nullable CrumbCursor resume(long server, long position, Format format) {
        return server == cache.id() ? cache.resume(format, position) : null;
    }

    @Nullable Instant heard() {
        return cache.heard();
    }

    /** Hears of no news any more; the cache stays its owner's. */
    void dispose() {
        news.dispose();
    }
}
