package io.headgate.sync.internal.crumb;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * The snapshot of one format that the next client gets: the last one while that is fresh enough, else a new one.
 *
 * <p><b>Threading.</b> Any thread joins. Snapshots are made by the worker, a piece at a time, so that several progress together.
 */
final class Snapshots {

    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    private final Supplier<SharedSnapshot> factory;
    private final CrumbSettings settings;
    private final CrumbWriter writer;
    private final Scheduler.Worker worker;
    private final LongSupplier nanoTime;
    private final Signal progress;
    private final LongAdder generated = new LongAdder();
    private final LongAdder reused = new LongAdder();
    private final LongAdder rawBytes = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private @Nullable SharedSnapshot current; // guarded by this
    private long toldBefore; // guarded by this
    private long lastUse; // guarded by this
    private boolean closed; // guarded by this

    Snapshots(
            Supplier<SharedSnapshot> factory,
            CrumbSettings settings,
            CrumbWriter writer,
            Scheduler.Worker worker,
            LongSupplier nanoTime,
            Signal progress) {
        this.factory = factory;
        this.settings = settings;
        this.writer = writer;
        this.worker = worker;
        this.nanoTime = nanoTime;
        this.progress = progress;
    }

    long generated() {
        return generated.sum();
    }

    long reused() {
        return reused.sum();
    }

    /** Bytes of frames in all snapshots. */
    long rawBytes() {
        return rawBytes.sum();
    }

    /** What they became. */
    long bytes() {
        return bytes.sum();
    }

    /** A reader of a snapshot that is fresh enough. */
    synchronized SnapshotReader join() {
        if (closed) {
            throw new IllegalStateException("cache: closed (expected: open)");
        }
        lastUse = nanoTime.getAsLong();
        SharedSnapshot last = current;
        SnapshotReader reader = last == null || isStale(last) ? null : last.join();
        if (reader != null) {
            reused.increment();
            return reader;
        }
        if (last != null) {
            last.retire();
        }
        return begin();
    }

    private boolean isStale(SharedSnapshot snapshot) {
        return writer.told() - toldBefore > snapshot.size() * settings.snapshotStale();
    }

    private SnapshotReader begin() {
        toldBefore = writer.told(); // not later than the picture
        SharedSnapshot fresh = factory.get();
        current = fresh;
        generated.increment();
        SnapshotReader reader = fresh.join();
        if (reader == null) {
            throw new IllegalStateException("snapshot: retired (expected: new)");
        }
        worker.schedule(() -> step(fresh));
        return reader;
    }

    /** Makes one piece and lets others have the worker before the next. */
    private void step(SharedSnapshot snapshot) {
        if (isClosed()) {
            snapshot.abort();
            return;
        }
        long raw = snapshot.rawBytes();
        long before = snapshot.bytes();
        boolean more = tryStep(snapshot);
        rawBytes.add(snapshot.rawBytes() - raw);
        bytes.add(snapshot.bytes() - before);
        progress.fire();
        if (!goOn(snapshot, more)) {
            snapshot.abort();
        }
    }

    private static boolean tryStep(SharedSnapshot snapshot) {
        try {
            return snapshot.step();
        } catch (RuntimeException | OutOfMemoryError e) { // direct memory may be used up
            LOG.error("A snapshot of a set cannot be made; its readers will not get to its end", e);
            snapshot.abort();
            return false;
        }
    }

    /** What is asked of the worker before the close is done before the worker ends; later it would be dropped. */
    private synchronized boolean goOn(SharedSnapshot snapshot, boolean more) {
        if (closed) {
            return false;
        }
        if (more) {
            worker.schedule(() -> step(snapshot));
        } else {
            worker.schedule(() -> expire(snapshot), settings.snapshotIdle().toNanos(), TimeUnit.NANOSECONDS);
        }
        return true;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void expire(SharedSnapshot snapshot) {
        long left = settings.snapshotIdle().toNanos() - (nanoTime.getAsLong() - lastUse);
        if (current != snapshot) {
            return;
        }
        if (left > 0) {
            worker.schedule(() -> expire(snapshot), left, TimeUnit.NANOSECONDS);
            return;
        }
        snapshot.retire();
        current = null;
    }

    /** Nobody joins any more. */
    synchronized void close() {
        closed = true;
        if (current != null) {
            current.retire();
            current = null;
        }
    }
}
