package io.headgate.function.dispatch;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells the time and runs tasks later.
 *
 * <p><b>Threading.</b> Any thread may call.
 */
public interface Timers {

    /**
     * The time.
     *
     * @return nanoseconds since some moment, as {@link System#nanoTime}
     */
    long nanoTime();

    /**
     * Runs a task later.
     *
     * @param task does not block
     * @param delayNanos how much later; 0 or less for as soon as possible, but not before this returns
     * @return to call it off
     */
    Task schedule(Runnable task, long delayNanos);

    /**
     * Timers on an executor, with the time of {@link System#nanoTime}.
     *
     * @param executor runs the tasks, an event loop for example; stays the caller's to shut down
     * @return the timers
     */
    static Timers of(ScheduledExecutorService executor) {
        return new Timers() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Task schedule(Runnable task, long delayNanos) {
                Future<?> future = executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }
        };
    }

    /** A task that has not run yet. */
    interface Task {

        /** Calls it off, if it is not too late. */
        void cancel();
    }
}
