package io.headgate.timeout;

import java.time.Duration;
import java.util.Objects;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Runs tasks later, and is made for those that are nearly always cancelled before: timeouts. A task comes never early and up to
 * two grains late. However many tasks wait, the scheduler has one timer for each of a few wheels, and it has none while nothing
 * waits; adding and cancelling takes no lock.
 *
 * <p>Threads that add have wheels of their own as far as there are enough, so that event loops do not get in each other's way. A
 * cancelled task is forgotten at once, its entry at the next tick.
 *
 * <p><b>Threading.</b> Any thread may add and cancel. Tasks run on the threads of the scheduler, must be short and must not block;
 * one that throws is logged.
 *
 * <p>There is nothing to close: a timer that nobody uses is garbage. Stages that are given the same timer share it, which is
 * cheaper than one for each.
 */
public final class CoarseTimer {

    /** The grain unless set otherwise: 10 ms. */
    public static final Duration DEFAULT_GRAIN = Duration.ofMillis(10);

    private static final int MOST_WHEELS = 16;

    private final TimerWheel[] wheels;
    private final Duration grain;

    private CoarseTimer(Scheduler scheduler, Duration grain) {
        this.grain = grain;
        int count = 1;
        while (count < Math.min(Runtime.getRuntime().availableProcessors(), MOST_WHEELS)) {
            count *= 2;
        }
        wheels = new TimerWheel[count];
        for (int i = 0; i < count; i++) {
            wheels[i] = new TimerWheel(scheduler, grain.toNanos());
        }
    }

    /**
     * A timer on Reactor's parallel scheduler.
     *
     * @return a new timer with the default grain
     */
    public static CoarseTimer create() {
        return on(Schedulers.parallel());
    }

    /**
     * A timer on a scheduler.
     *
     * @param scheduler runs the tasks and is the clock; stays the caller's to dispose of
     * @return a new timer with the default grain
     */
    public static CoarseTimer on(Scheduler scheduler) {
        return on(scheduler, DEFAULT_GRAIN);
    }

    /**
     * A timer on a scheduler.
     *
     * @param scheduler runs the tasks and is the clock; stays the caller's to dispose of
     * @param grain how exact it is, 1 ms or more
     * @return a new timer
     */
    public static CoarseTimer on(Scheduler scheduler, Duration grain) {
        Objects.requireNonNull(scheduler, "scheduler");
        if (grain.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("grain: " + grain + " (expected: 1 ms or more)");
        }
        return new CoarseTimer(scheduler, grain);
    }

    /**
     * Runs a task later.
     *
     * @param task what to run
     * @param delayNanos how much later; zero or less is as soon as possible, not at once
     * @return cancels the task; of no effect when it has run
     */
    public Disposable schedule(Runnable task, long delayNanos) {
        int mine = (int) Thread.currentThread().getId() & wheels.length - 1;
        return wheels[mine].add(Objects.requireNonNull(task, "task"), delayNanos);
    }

    /**
     * Runs a task later.
     *
     * @param task what to run
     * @param delay how much later
     * @return cancels the task; of no effect when it has run
     */
    public Disposable schedule(Runnable task, Duration delay) {
        return schedule(task, Nanos.of(delay));
    }

    /** For tests: entries in the wheels, those that have just been added or cancelled not counted. */
    int held() {
        int sum = 0;
        for (TimerWheel wheel : wheels) {
            sum += wheel.held();
        }
        return sum;
    }

    @Override
    public String toString() {
        return "timer of " + grain;
    }
}
