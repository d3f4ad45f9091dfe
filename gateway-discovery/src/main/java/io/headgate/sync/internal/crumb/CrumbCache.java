package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.netty.buffer.ByteBufAllocator;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

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

    private final long id;
    private final CrumbSettings settings;
    private final Scheduler scheduler;
    private final Scheduler.Worker writing;
    private final Scheduler.Worker background;
    private final AtomicLong held = new AtomicLong();
    private final ByteLog log;
    private final CrumbWriter writer;
    private final Compressor compressor;
    private final Snapshots plainSnapshots;
    private final Snapshots snappySnapshots;
    private final Signal plainNews = new Signal();
    private final Signal snappyNews = new Signal();
    private final Signal news = new Signal();
    private final Signal plainProgress = new Signal();
    private final Signal snappyProgress = new Signal();
    private final Queue<SyncEvent> queue;
    private final AtomicInteger work = new AtomicInteger();
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private final Source source = new Source();
    private final PrefixCaches parts;
    private volatile @Nullable Instant heard;
    private volatile boolean sourceDone;
    private volatile boolean closing;
    private boolean closed; // of the writer
    private @Nullable Instant contact; // of the writer: not yet told
    private int taken; // of the writer: events since more were asked for

    private CrumbCache(Picture start, CrumbSettings settings, Frames frames, Scheduler scheduler, ByteBufAllocator allocator) {
        this.settings = settings;
        this.scheduler = scheduler;
        id = ThreadLocalRandom.current().nextLong() | 1;
        writing = scheduler.createWorker();
        background = scheduler.createWorker();
        queue = Queues.<SyncEvent>get(2 * settings.batch()).get();
        parts = new PrefixCaches(settings.prefixSets(), prefixes -> part(prefixes, frames, allocator));
        log = new ByteLog(start.crumb().position(), settings, allocator, held);
        writer = new CrumbWriter(start, log, settings, frames, allocator, this::now);
        compressor = new Compressor(log, settings, allocator, held);
        plainSnapshots = new Snapshots(
                () -> snapshotOf(Format.PLAIN, frames, allocator), settings, log, background, scheduler, plainProgress);
        snappySnapshots = new Snapshots(
                () -> snapshotOf(Format.SNAPPY, frames, allocator), settings, log, background, scheduler, snappyProgress);
    }

    /**
     * A cache that follows a set from now on.
     *
     * @param source the set
     * @param settings the bounds
     * @param frames how crumbs become bytes
     * @param scheduler where it works, and its clock; to be disposed after the cache
     * @param allocator where its bytes live
     * @return the cache, without any entry yet unless the source tells at once
     */
    public static CrumbCache follow(
            Flux<SyncEvent> source,
            CrumbSettings settings,
            Frames frames,
            Scheduler scheduler,
            ByteBufAllocator allocator) {
        Picture nothing =
                new Picture(new Crumb(0, 0, SyncStatus.WAIT_FOR_DATASTORE, List.of()), TreePMap.empty());
        CrumbCache cache = new CrumbCache(nothing, settings, frames, scheduler, allocator);
        source.subscribe(cache.source);
        return cache;
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
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
        return heard;
    }

    /**
     * The way of a new client into the set: shared with those who came shortly before, made meanwhile otherwise.
     *
     * @param format what the client reads
     * @return a reader that the caller has to close
     * @throws IllegalStateException when the cache is disposed
     */
    public SnapshotReader snapshot(Format format) {
        SnapshotReader reader = (format == Format.PLAIN ? plainSnapshots : snappySnapshots).join();
        knock();
        return reader;
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

    private SharedSnapshot snapshotOf(Format format, Frames frames, ByteBufAllocator allocator) {
        while (true) {
            Picture picture = writer.newest();
            CrumbCursor anchor = open(format, picture.crumb().position());
            if (anchor != null) {
                return new SharedSnapshot(
                        picture,
                        anchor,
                        frames,
                        allocator,
                        settings,
                        format == Format.PLAIN ? null : new SnappyChunks(),
                        held);
            }
            if (log.isClosed()) {
                throw new IllegalStateException("cache: closed (expected: open)");
            }
        }
    }

    /**
     * Asks to be told after each crumb that cursors can take.
     *
     * @param format of the cursors
     * @param listener must be quick: it holds up the writer
     * @return ends it
     */
    public Disposable onPublish(Format format, Runnable listener) {
        return (format == Format.PLAIN ? plainNews : snappyNews).add(listener);
    }

    /**
     * Asks to be told after each piece of a snapshot.
     *
     * @param format of the readers
     * @param listener must be quick: it holds up who makes snapshots
     * @return ends it
     */
    public Disposable onSnapshot(Format format, Runnable listener) {
        return (format == Format.PLAIN ? plainProgress : snappyProgress).add(listener);
    }

    /** Asks to be told of crumbs and of contact with the source. */
    Disposable onNews(Runnable listener) {
        return news.add(listener);
    }

    /**
     * The set for a consumer in this process, on a worker of the scheduler.
     *
     * @return a state stream, which completes when the cache is disposed
     */
    public Flux<SyncEvent> events() {
        return new CrumbFlux(this, scheduler, settings);
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

    private CrumbCache part(Prefixes prefixes, Frames frames, ByteBufAllocator allocator) {
        Flux<SyncEvent> some = events().<SyncEvent>handle((event, sink) -> {
            if (event instanceof SyncEvent.Updates updates) {
                List<SyncUpdate> kept = prefixes.filter(updates.updates());
                if (!kept.isEmpty()) {
                    sink.next(new SyncEvent.Updates(kept));
                }
            } else {
                sink.next(event);
            }
        });
        return follow(some, settings, frames, scheduler, allocator);
    }

    /**
     * The end of the source, which should not be: a set that is followed has none.
     *
     * @return completes or fails as the source did, completes when this is disposed
     */
    public Mono<Void> ended() {
        return ended.asMono();
    }

    /**
     * How the cache is.
     *
     * @return a record of now
     */
    public CrumbStats stats() {
        Picture picture = newest();
        return new CrumbStats(
                picture.crumb().position(),
                picture.crumb().status(),
                picture.entries().size(),
                writer.updates(),
                writer.skipped(),
                writer.crumbs(),
                plainSnapshots.generated() + snappySnapshots.generated(),
                plainSnapshots.reused() + snappySnapshots.reused(),
                plainSnapshots.rawBytes() + snappySnapshots.rawBytes(),
                snappySnapshots.bytes(),
                held.get(),
                Math.min(log.slowest(), compressor.slowest()),
                parts.size(),
                heard);
    }

    @Override
    public void dispose() {
        closing = true;
        source.cancel();
        work();
    }

    @Override
    public boolean isDisposed() {
        return closing;
    }

    private void work() {
        if (work.getAndIncrement() == 0) {
            try {
                writing.schedule(this::drain);
            } catch (RejectedExecutionException e) {
                drain();
            }
        }
    }

    private void drain() {
        int seen = work.get();
        do {
            if (closing) {
                close();
            } else {
                follow();
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    /** Gathers what is there up to a batch and publishes it, as long as there is more. */
    private void follow() {
        try {
            boolean done = sourceDone;
            SyncEvent event = queue.poll();
            while (event != null) {
                while (event != null && !writer.isFull()) {
                    gather(event);
                    event = queue.poll();
                }
                writer.publish(this::published);
                hear();
            }
            if (done) {
                writer.status(SyncStatus.WAIT_FOR_DATASTORE);
                writer.publish(this::published);
            }
        } catch (RuntimeException e) {
            LOG.error("A cache of entries cannot go on and keeps what it has", e);
            source.cancel();
            ended.tryEmitError(e);
        }
    }

    private void gather(SyncEvent event) {
        if (++taken == settings.batch()) {
            taken = 0;
            source.request(settings.batch());
        }
        if (event instanceof SyncEvent.Updates some) {
            some.updates().forEach(writer::update);
        } else if (event instanceof SyncEvent.Status change) {
            writer.status(change.status());
        } else if (event instanceof SyncEvent.Heard sign) {
            contact = sign.at();
        }
    }

    /** Once everything until then is published. */
    private void hear() {
        if (contact != null) {
            heard = contact;
            contact = null;
            news.fire();
        }
    }

    private void published() {
        plainNews.fire();
        news.fire();
        knock();
    }

    /** Wakes the compressor when there is one at work. */
    private void knock() {
        if (compressor.knock()) {
            background.schedule(() -> compressor.run(snappyNews::fire, now()));
        }
    }

    private void close() {
        queue.clear();
        if (closed) {
            return;
        }
        closed = true;
        news.fire();
        parts.close();
        plainSnapshots.close();
        snappySnapshots.close();
        log.close();
        ended.tryEmitEmpty();
        try {
            background.schedule(this::closeBackground);
        } catch (RejectedExecutionException e) {
            closeBackground();
        }
        writing.dispose();
    }

    private void closeBackground() {
        compressor.close();
        background.dispose();
    }

    /** Hands events over and asks for as many as two batches hold. */
    private final class Source extends BaseSubscriber<SyncEvent> {

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(2L * settings.batch());
        }

        @Override
        protected void hookOnNext(SyncEvent event) {
            if (queue.offer(event)) {
                work();
            } else {
                onError(new IllegalStateException("source: more events than were asked for"));
            }
        }

        @Override
        protected void hookOnError(Throwable failure) {
            LOG.warn("The source of a set has failed; what it told is kept", failure);
            sourceDone = true;
            ended.tryEmitError(failure);
            work();
        }

        @Override
        protected void hookOnComplete() {
            LOG.warn("The source of a set has ended; what it told is kept");
            sourceDone = true;
            ended.tryEmitEmpty();
            work();
        }
    }
}
