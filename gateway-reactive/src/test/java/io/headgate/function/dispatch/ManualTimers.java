package io.headgate.function.dispatch;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that goes on when a test says so. */
final class ManualTimers implements Timers {

    private final PriorityQueue<Timed> tasks = new PriorityQueue<>(
            Comparator.<Timed>comparingLong(task -> task.at - origin()).thenComparingLong(task -> task.number));
    private final long origin;
    private long now;
    private long numbers;

    /** Begins close to where the clock overflows, so that wrong comparisons show. */
    ManualTimers() {
        origin = Long.MAX_VALUE - 3_000_000_000L;
        now = origin;
    }

    private long origin() {
        return origin;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Task schedule(Runnable task, long delayNanos) {
        Timed timed = new Timed(now + Math.max(0, delayNanos), numbers++, task);
        tasks.add(timed);
        return () -> tasks.remove(timed);
    }

    void advanceMillis(long millis) {
        advance(millis * 1_000_000);
    }

    void advance(long nanos) {
        long until = now + nanos;
        while (!tasks.isEmpty() && tasks.peek().at - until <= 0) {
            Timed timed = tasks.poll();
            now = timed.at;
            timed.task.run();
        }
        now = until;
    }

    int size() {
        return tasks.size();
    }

    private record Timed(long at, long number, Runnable task) {}
}
