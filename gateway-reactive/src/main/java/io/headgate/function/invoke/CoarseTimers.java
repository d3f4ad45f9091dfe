package io.headgate.function.invoke;

import io.headgate.function.dispatch.Timers;
import io.headgate.timeout.CoarseTimer;

/** Timers for many tasks that are nearly always called off: a call costs no lock and no system call. */
final class CoarseTimers implements Timers {

    private final CoarseTimer timer;

    CoarseTimers(CoarseTimer timer) {
        this.timer = timer;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Task schedule(Runnable task, long delayNanos) {
        return timer.schedule(task, delayNanos)::dispose;
    }
}
