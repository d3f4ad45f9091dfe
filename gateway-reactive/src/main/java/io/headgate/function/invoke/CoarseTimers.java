package io.headgate.function.invoke;

import io.headgate.function.dispatch.Timers;
import io.headgate.timeout.CoarseTimer;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Timers for many tasks that are nearly always called off: a call costs no lock and no system call. Far ones, which are few, are the
 * scheduler's: a wheel with a task in it turns.
 */
final class CoarseTimers implements Timers {

    private static final long FAR = TimeUnit.MINUTES.toNanos(2);

    private final Scheduler scheduler;
    private final CoarseTimer timer;

    CoarseTimers(Scheduler scheduler) {
        this.scheduler = scheduler;
        this.timer = CoarseTimer.on(scheduler);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Task schedule(Runnable task, long delayNanos) {
        Disposable scheduled = delayNanos < FAR
                ? timer.schedule(task, delayNanos)
                : scheduler.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        return scheduled::dispose;
    }
}
