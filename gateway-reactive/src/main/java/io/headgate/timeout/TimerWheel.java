package io.headgate.timeout;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * A hashed wheel of which one tick at a time turns. What is added or cancelled waits on two stacks for the next tick; most of what
 * is cancelled never gets into the wheel at all.
 */
final class TimerWheel implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);

    private static final int BUCKETS = 512;

    private static final AtomicReferenceFieldUpdater<TimerWheel, @Nullable Entry> ADDED =
            AtomicReferenceFieldUpdater.newUpdater(TimerWheel.class, Entry.class, "added");
    private static final AtomicReferenceFieldUpdater<TimerWheel, @Nullable Entry> REMOVED =
            AtomicReferenceFieldUpdater.newUpdater(TimerWheel.class, Entry.class, "removed");
    private static final AtomicIntegerFieldUpdater<TimerWheel> TICKING =
            AtomicIntegerFieldUpdater.newUpdater(TimerWheel.class, "ticking");

    private final Scheduler scheduler;
    private final long grainNanos;
    private volatile @Nullable Entry added;
    private volatile @Nullable Entry removed;
    private volatile int ticking;
    private volatile int held; // written by the tick alone

    // From here on for the tick alone.
    private @Nullable Entry @Nullable [] buckets;
    private long tick;

    TimerWheel(Scheduler scheduler, long grainNanos) {
        this.scheduler = scheduler;
        this.grainNanos = grainNanos;
    }

    int held() {
        return held;
    }

    Disposable add(Runnable task, long delayNanos) {
        long time = scheduler.now(TimeUnit.NANOSECONDS) + Math.max(delayNanos, 0);
        Entry entry = new Entry(this, task, Math.floorDiv(time, grainNanos) + 1);
        Entry top;
        do {
            top = added;
            entry.nextAdded = top;
        } while (!ADDED.compareAndSet(this, top, entry));
        if (ticking == 0) {
            startTicking();
        }
        return entry;
    }

    private void remove(Entry entry) {
        Entry top;
        do {
            top = removed;
            entry.nextRemoved = top;
        } while (!REMOVED.compareAndSet(this, top, entry));
    }

    private void startTicking() {
        if (TICKING.compareAndSet(this, 0, 1)) {
            try {
                scheduleTick();
            } catch (RuntimeException e) {
                ticking = 0;
                throw e;
            }
        }
    }

    private void scheduleTick() {
        scheduler.schedule(this, grainNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        long now = Math.floorDiv(scheduler.now(TimeUnit.NANOSECONDS), grainNanos);
        if (held == 0) {
            tick = now - 1; // it stood still
        }
        placeAdded();
        forgetRemoved();
        turn(now);
        if (held > 0) {
            scheduleTick();
            return;
        }
        ticking = 0;
        if (added != null) {
            startTicking();
        }
    }

    private void placeAdded() {
        Entry entry = ADDED.getAndSet(this, null);
        while (entry != null) {
            Entry next = entry.nextAdded;
            entry.nextAdded = null;
            if (!entry.isDisposed()) {
                place(entry);
            }
            entry = next;
        }
    }

    private void forgetRemoved() {
        Entry entry = REMOVED.getAndSet(this, null);
        while (entry != null) {
            Entry next = entry.nextRemoved;
            entry.nextRemoved = null;
            if (entry.isPlaced) {
                unlink(entry);
            }
            entry = next;
        }
    }

    private void turn(long now) {
        for (long at = Math.max(tick + 1, now - BUCKETS + 1); at <= now; at++) {
            Entry entry = buckets()[bucket(at)];
            while (entry != null) {
                Entry next = entry.after;
                if (entry.due <= now) {
                    unlink(entry);
                    entry.fire();
                }
                entry = next;
            }
        }
        tick = now;
    }

    private @Nullable Entry[] buckets() {
        @Nullable Entry[] all = buckets;
        if (all == null) {
            all = new Entry[BUCKETS];
            buckets = all;
        }
        return all;
    }

    private static int bucket(long tick) {
        return (int) (tick & BUCKETS - 1);
    }

    private void place(Entry entry) {
        entry.due = Math.max(entry.due, tick + 1);
        @Nullable Entry[] all = buckets();
        int bucket = bucket(entry.due);
        Entry first = all[bucket];
        entry.after = first;
        if (first != null) {
            first.before = entry;
        }
        all[bucket] = entry;
        entry.isPlaced = true;
        held++;
    }

    private void unlink(Entry entry) {
        Entry before = entry.before;
        Entry after = entry.after;
        if (before == null) {
            buckets()[bucket(entry.due)] = after;
        } else {
            before.after = after;
        }
        if (after != null) {
            after.before = before;
        }
        entry.before = null;
        entry.after = null;
        entry.isPlaced = false;
        held--;
    }

    /** One task. */
    private static final class Entry implements Disposable {

        private static final AtomicReferenceFieldUpdater<Entry, @Nullable Runnable> TASK =
                AtomicReferenceFieldUpdater.newUpdater(Entry.class, Runnable.class, "task");

        private final TimerWheel wheel;
        private volatile @Nullable Runnable task; // null when it has run or been cancelled
        private @Nullable Entry nextAdded;
        private @Nullable Entry nextRemoved;

        // For the tick alone.
        private long due;
        private boolean isPlaced;
        private @Nullable Entry before;
        private @Nullable Entry after;

        Entry(TimerWheel wheel, Runnable task, long due) {
            this.wheel = wheel;
            this.task = task;
            this.due = due;
        }

        private void fire() {
            Runnable mine = TASK.getAndSet(this, null);
            if (mine != null) {
                try {
                    mine.run();
                } catch (RuntimeException e) {
                    LOG.error("timer task failed", e);
                }
            }
        }

        @Override
        public void dispose() {
            if (TASK.getAndSet(this, null) != null) {
                wheel.remove(this);
            }
        }

        @Override
        public boolean isDisposed() {
            return task == null;
        }
    }
}
