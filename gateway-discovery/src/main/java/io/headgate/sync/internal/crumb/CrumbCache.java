package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.StateStream;
import io.headgate.sync.internal.wire.SnappyWriter;
import io.netty.buffer.ByteBufAllocator;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One set of entries, followed by one writer and read by any number of clients.
 *
 * <p>A client takes a {@link #snapshot} and goes on with the cursor that comes with it, or comes back with {@link #resume}. It
 * asks to be told of news by {@link #onPublish} - once for all clients of an event loop, not once each.
 *
 * <p><b>Threading.</b> Everything may be called from any thread and does not block. Crumbs are made by one worker of the
 * scheduler, snapshots and compressed crumbs by another.
 *
 * <p><b>Ownership.</b> {@link #dispose} gives back what the cache holds; cursors and readers give back their own.
 */
public final class CrumbCache implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(CrumbCache.class);

    /** What there is for the clients of one format. */
    private record Feed(Snapshots snapshots, Signal news, Signal progress) {}

    private final long id = ThreadLocalRandom.current().nextLong() | 1;
    private final CrumbSettings settings;
    private final Frames frames;
    private final Scheduler scheduler;
    private final LongSupplier nanoTime;
    private final ByteBufAllocator allocator;
    private final Scheduler.Worker background;
    private final AtomicLong held = new AtomicLong();
    private final Signal news = new Signal();
    private final ByteLog log;
    private final CrumbWriter writer;
    private final Follower follower;
    private final Compressor compressor;
    private final Feed plain;
    private final Feed snappy;
    private final PrefixCaches parts;

    private CrumbCache(
            CrumbSettings settings,
            Frames frames,
            Scheduler scheduler,
            LongSupplier nanoTime,
            ByteBufAllocator allocator) {
        this.settings = settings;
        this.frames = frames;
        this.scheduler = scheduler;
        this.nanoTime = nanoTime;
        this.allocator = allocator;
        background = scheduler.createWorker();
        log = new ByteLog(0, settings, allocator, held);
        writer = new CrumbWriter(nothing(), log, settings, frames, allocator, nanoTime);
        follower = new Follower(writer, log, settings, scheduler.createWorker(), nanoTime, new Owner());
        compressor = new Compressor(log, settings, allocator, held);
        plain = feed(Format.PLAIN);
        snappy = feed(Format.SNAPPY);
        parts = new PrefixCaches(settings.prefixSets(), this::part);
    }

    private static Picture nothing() {
        return new Picture(new Crumb(0, 0, SyncStatus.WAIT_FOR_DATASTORE, List.of()), TreePMap.empty());
    }

    private Feed feed(Format format) {
        Signal progress = new Signal();
        Snapshots snapshots = new Snapshots(() -> begin(format), settings, writer, background, nanoTime, progress);
        return new Feed(snapshots, new Signal(), progress);
    }

    private Feed feedOf(Format format) {
        return format == Format.PLAIN ? plain : snappy;
    }

    /**
     * A cache that follows a set from now on, by the clock of the system.
     *
     * @param source the set
     * @param settings the bounds
     * @param frames how crumbs become bytes
     * @param scheduler where it works; to be disposed after the cache
     * @param allocator where its bytes live
     * @return the cache, without any entry yet unless the source tells at once
     */
    public static CrumbCache follow(
            Flux<SyncEvent> source,
            CrumbSettings settings,
            Frames frames,
            Scheduler scheduler,
            ByteBufAllocator allocator) {
        return follow(source, settings, frames, scheduler, System::nanoTime, allocator);
    }

    /**
     * A cache that follows a set from now on.
     *
     * @param source the set
     * @param settings the bounds
     * @param frames how crumbs become bytes
     * @param scheduler where it works; to be disposed after the cache
     * @param nanoTime the time, never going back
     * @param allocator where its bytes live
     * @return the cache, without any entry yet unless the source tells at once
     */
    public static CrumbCache follow(
            Flux<SyncEvent> source,
            CrumbSettings settings,
            Frames frames,
            Scheduler scheduler,
            LongSupplier nanoTime,
            ByteBufAllocator allocator) {
        CrumbCache cache = new CrumbCache(settings, frames, scheduler, nanoTime, allocator);
        source.subscribe(cache.follower);
        return cache;
    }

    /**
     * Names this cache among all that ever were: positions mean nothing to another one.
     *
     * @return never 0
     */
    public long id() {
        return id;
    }

    /**
     * The set as it is now.
     *
     * @return the newest picture
     */
    public Picture newest() {
        return writer.newest();
    }

    /**
     * When the source of all was heard of.
     *
     * @return null when the source does not say
     */
    public @Nullable Instant heard() {
        return follower.heard();
    }

    /**
     * The way of a new client into the set: shared with those who came shortly before, made meanwhile otherwise.
     *
     * @param format what the client reads
     * @return a reader that the caller has to close
     * @throws IllegalStateException when the cache is disposed, or cannot compress any further
     */
    public SnapshotReader snapshot(Format format) {
        SnapshotReader reader = feedOf(format).snapshots.join();
        knock();
        return reader;
    }

    private SharedSnapshot begin(Format format) {
        while (!log.isClosed() && (format == Format.PLAIN || !compressor.isClosed())) {
            Picture picture = writer.newest();
            CrumbCursor anchor = open(format, picture.crumb().position());
            if (anchor != null) {
                SnappyWriter chunks = format == Format.PLAIN ? null : new SnappyWriter();
                return new SharedSnapshot(picture, anchor, frames, allocator, settings, chunks, held);
            }
        }
        throw new IllegalStateException("cache: closed (expected: open)");
    }

    /**
     * The way of a client that comes back.
     *
     * @param format what the client reads
     * @param position the last crumb that it has
     * @return a cursor that the caller has to close; null when what it missed is not kept, then a snapshot helps
     */
    public @Nullable CrumbCursor resume(Format format, long position) {
        if (position <= 0 || position > log.position()) {
            return null;
        }
        CrumbCursor cursor = open(format, position);
        knock();
        return cursor;
    }

    private @Nullable CrumbCursor open(Format format, long after) {
        return format == Format.PLAIN ? log.open(after) : compressor.open(after);
    }

    /**
     * Asks to be told after each crumb that cursors can take.
     *
     * @param format of the cursors
     * @param listener must be quick: it holds up the writer
     * @return ends it
     */
    public Disposable onPublish(Format format, Runnable listener) {
        return feedOf(format).news.add(listener);
    }

    /**
     * Asks to be told after each piece of a snapshot.
     *
     * @param format of the readers
     * @param listener must be quick: it holds up who makes snapshots
     * @return ends it
     */
    public Disposable onSnapshot(Format format, Runnable listener) {
        return feedOf(format).progress.add(listener);
    }

    /** Asks to be told of crumbs and of contact with the source. */
    Disposable onNews(Runnable listener) {
        return news.add(listener);
    }

    /**
     * The set for a consumer in this process. What a slow one has no demand for is folded.
     *
     * @return a state stream, told by a worker of the scheduler or by who asks; completes when the cache is disposed
     */
    public Flux<SyncEvent> events() {
        return new CrumbFlux(this, scheduler, settings).transform(StateStream.conflate());
    }

    /**
     * The part of the set whose keys begin with certain prefixes, as a cache of its own with positions of its own. It is made
     * for the first who wants it and fills from then on, by the same worker as any cache.
     *
     * @param prefixes of keys; the order does not matter, nor those that others cover
     * @return the use of it, to be closed; null when as many others are in use as the settings allow
     * @throws IllegalStateException when the cache is disposed
     */
    public @Nullable CacheLease part(Collection<String> prefixes) {
        Prefixes wanted = new Prefixes(prefixes);
        return wanted.coversAll() ? new CacheLease(this, () -> {}) : parts.lease(wanted);
    }

    private CrumbCache part(Prefixes prefixes) {
        Flux<SyncEvent> some = new CrumbFlux(this, scheduler, settings).handle((event, sink) -> {
            if (event instanceof SyncEvent.Updates updates) {
                List<SyncUpdate> kept = prefixes.filter(updates.updates());
                if (!kept.isEmpty()) {
                    sink.next(new SyncEvent.Updates(kept));
                }
            } else {
                sink.next(event);
            }
        });
        return follow(some, settings.forPart(), frames, scheduler, nanoTime, allocator);
    }

    /**
     * The end of the source, which should not be: a set that is followed has none.
     *
     * @return completes or fails as the source did, completes when this is disposed
     */
    public Mono<Void> ended() {
        return follower.ended();
    }

    /**
     * Whether the source told what could not be encoded, so that nothing of what it told since will ever be told to anybody.
     *
     * @return true until the end of the cache; what was told before can still be read
     */
    public boolean isBroken() {
        return follower.isBroken();
    }

    /**
     * Whether there are compressed crumbs and snapshots.
     *
     * @return false for good once something could not be compressed; plain ones are not touched by that
     */
    public boolean isCompressing() {
        return !compressor.isClosed();
    }

    /**
     * How the cache is.
     *
     * @return a record of now
     */
    public CrumbStats stats() {
        Picture picture = newest();
        Snapshots one = plain.snapshots;
        Snapshots other = snappy.snapshots;
        return new CrumbStats(
                picture.crumb().position(),
                picture.crumb().status(),
                picture.entries().size(),
                writer.updates(),
                writer.updates() - writer.told(),
                writer.crumbs(),
                log.ready() + compressor.looks(true),
                log.dry() + compressor.looks(false),
                one.generated() + other.generated(),
                one.reused() + other.reused(),
                one.rawBytes() + other.rawBytes(),
                other.bytes(),
                held.get(),
                Math.min(log.slowest(), compressor.slowest()),
                parts.size(),
                heard());
    }

    @Override
    public void dispose() {
        follower.close();
    }

    @Override
    public boolean isDisposed() {
        return follower.isClosing();
    }

    /** Wakes the compressor when it is at work. */
    private void knock() {
        if (compressor.knock()) {
            try {
                background.schedule(() -> compressor.run(snappy.news::fire, nanoTime.getAsLong()));
            } catch (RejectedExecutionException e) {
                LOG.debug("Nothing is compressed any more", e);
            }
        }
    }

    private void closeBackground() {
        compressor.close();
        background.dispose();
    }

    private final class Owner implements Follower.Owner {

        @Override
        public void published() {
            plain.news.fire();
            news.fire();
            knock();
        }

        @Override
        public void heard() {
            news.fire();
        }

        @Override
        public void closed() {
            news.fire();
            parts.close();
            plain.snapshots.close();
            snappy.snapshots.close();
            try {
                background.schedule(CrumbCache.this::closeBackground);
            } catch (RejectedExecutionException e) {
                closeBackground();
            }
        }
    }
}
