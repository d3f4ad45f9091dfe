package io.headgate.test;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Time that moves by hand and knows what still waits for it: like Reactor's virtual time, with a count of the tasks that
 * are {@link #pending}, so that a test can tell a cancelled timer from a forgotten one.
 *
 * <p>Tasks without a delay run at once on the thread that schedules them, those with a delay on the thread that calls
 * {@link #advance}; an exception that one throws reaches that caller.
 *
 * <p><b>Threading.</b> Any thread may schedule; one thread at a time may advance.
 */
public final class VirtualClock implements Scheduler, AutoCloseable {

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong((Task task) -> task.time)
            .thenComparingLong(task -> task.number)); // guarded by this
    private final Schedulers.Snapshot before;
    private final AtomicBoolean closed = new AtomicBoolean();
    private long nanos; // guarded by this
    private long scheduled; // guarded by this
    private boolean draining; // guarded by this

    private VirtualClock() {
        before = Schedulers.setFactoryWithSnapshot(new EverywhereThisClock());
    }

    /**
     * A clock that takes the place of all schedulers of {@link Schedulers} until it is closed. Schedulers that code under
     * test got hold of earlier are not affected.
     *
     * @return the clock
     */
    public static VirtualClock install() {
        return new VirtualClock();
    }

    /** Gives {@link Schedulers} back its real schedulers. Again: nothing happens. */
    @Override
    public void close() {
        if (closed.compareAndSet(
                false, true)) { // a second time, Schedulers would dispose of those that it was given back
            Schedulers.resetFrom(before);
        }
    }

    /**
     * Lets time pass and runs what becomes due.
     *
     * @param time how much
     */
    public void advance(Duration time) {
        long target;
        synchronized (this) {
            target = nanos + time.toNanos();
        }
        drain(target);
        synchronized (this) {
            nanos = target;
        }
    }

    /**
     * How many tasks wait for their time: scheduled, neither run nor disposed.
     *
     * @return zero or more
     */
    public synchronized int pending() {
        return tasks.size();
    }

    @Override
    public synchronized long now(TimeUnit unit) {
        return unit.convert(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return enqueue(task, unit.toNanos(delay), 0);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        return enqueue(task, unit.toNanos(initialDelay), Math.max(unit.toNanos(period), 1));
    }

    @Override
    public Worker createWorker() {
        return new ClockWorker();
    }

    private Task enqueue(Runnable action, long delay, long period) {
        Task task;
        long now;
        synchronized (this) {
            now = nanos;
            task = new Task(action, now + Math.max(delay, 0), period, scheduled++);
            tasks.add(task);
        }
        if (delay <= 0) {
            drain(now);
        }
        return task;
    }

    /** Runs what is due; what a task schedules runs after it, not within it. */
    private void drain(long target) {
        synchronized (this) {
            if (draining) {
                return;
            }
            draining = true;
        }
        try {
            for (Task task = nextDue(target); task != null; task = nextDue(target)) {
                task.action.run();
            }
        } finally {
            synchronized (this) {
                draining = false;
            }
        }
    }

    private synchronized @Nullable Task nextDue(long target) {
        Task task = tasks.peek();
        if (task == null || task.time > target) {
            return null;
        }
        tasks.remove(task);
        nanos = Math.max(nanos, task.time);
        if (task.period > 0) {
            task.time += task.period;
            tasks.add(task);
        }
        return task;
    }

    private final class Task implements Disposable {

        private final Runnable action;
        private final long period;
        private final long number;
        private long time; // guarded by the clock

        Task(Runnable action, long time, long period, long number) {
            this.action = action;
            this.time = time;
            this.period = period;
            this.number = number;
        }

        @Override
        public void dispose() {
            synchronized (VirtualClock.this) {
                tasks.remove(this);
            }
        }

        @Override
        public boolean isDisposed() {
            synchronized (VirtualClock.this) {
                return !tasks.contains(this);
            }
        }
    }

    private final class ClockWorker implements Worker {

        private final Disposable.Composite own = Disposables.composite();

        @Override
        public Disposable schedule(Runnable task) {
            return schedule(task, 0, TimeUnit.NANOSECONDS);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            refuseWhenDisposed();
            return keep(VirtualClock.this.schedule(task, delay, unit));
        }

        @Override
        public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
            refuseWhenDisposed();
            return keep(VirtualClock.this.schedulePeriodically(task, initialDelay, period, unit));
        }

        @Override
        public void dispose() {
            own.dispose();
        }

        @Override
        public boolean isDisposed() {
            return own.isDisposed();
        }

        private void refuseWhenDisposed() {
            if (own.isDisposed()) {
                throw Exceptions.failWithRejected();
            }
        }

        /** A task may dispose its own worker when it has run at once; then it is disposed here. */
        private Disposable keep(Disposable task) {
            own.add(task);
            return task;
        }
    }

    private final class EverywhereThisClock implements Schedulers.Factory {

        @Override
        public Scheduler newBoundedElastic(int threads, int tasksPerThread, ThreadFactory factory, int ttlSeconds) {
            return VirtualClock.this;
        }

        @Override
        public Scheduler newThreadPerTaskBoundedElastic(int threads, int tasksPerThread, ThreadFactory factory) {
            return VirtualClock.this;
        }

        @Override
        public Scheduler newParallel(int parallelism, ThreadFactory factory) {
            return VirtualClock.this;
        }

        @Override
        public Scheduler newSingle(ThreadFactory factory) {
            return VirtualClock.this;
        }
    }
}
