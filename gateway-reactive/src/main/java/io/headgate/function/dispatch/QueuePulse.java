package io.headgate.function.dispatch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets a queue look after the calls that wait, each poll interval and when the time of one is over. One timer for the queue, and none while
 * nobody waits. It also measures how fast the queue goes.
 */
final class QueuePulse {

    /** There is no need to look again. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long SHORTEST_RETRY = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_RETRY = Duration.ofSeconds(60).toNanos();
    private static final double WEIGHT = 0.3; // of the newest interval: a second of hot polls makes five sixths

    private final Timers timers;
    private final long pollNanos;
    private final Look look;

    private Timers.@Nullable Task task;
    private volatile boolean armed;
    private volatile long next;
    private volatile double perNano;
    private boolean stopped;
    private long measuredAt;
    private long measured = -1;

    QueuePulse(Timers timers, long pollNanos, Look look) {
        this.timers = timers;
        this.pollNanos = pollNanos;
        this.look = look;
    }

    /** There is a call that may wait until then. */
    void beatBy(long deadline) {
        if (armed && next - deadline <= 0) {
            return;
        }
        beatWithin(deadline - timers.nanoTime());
    }

    private synchronized void beatWithin(long nanos) {
        long now = timers.nanoTime();
        long at = now + Math.max(0, Math.min(nanos, pollNanos));
        if (stopped || (armed && next - at <= 0)) {
            return;
        }
        if (task != null) {
            task.cancel();
        }
        next = at;
        armed = true;
        task = timers.schedule(this::beat, at - now);
    }

    /** Nobody waits any more, nor will. */
    synchronized void stop() {
        stopped = true;
        if (task != null) {
            task.cancel();
        }
    }

    private void beat() {
        synchronized (this) {
            armed = false;
            task = null;
        }
        long nanos = look.look(timers.nanoTime());
        if (nanos != NEVER) {
            beatWithin(nanos);
        }
    }

    /** Takes note of how many calls have been granted a slot by now. */
    void measure(long granted, long now) {
        if (measured >= 0 && now - measuredAt > 0) {
            double rate = (double) (granted - measured) / (now - measuredAt);
            perNano += (rate - perNano) * WEIGHT;
        }
        measured = granted;
        measuredAt = now;
    }

    /** How long it takes until all that wait now are served, at the pace of the last second. */
    Duration retryAfter(int waiting) {
        double nanos = perNano > 0 ? waiting / perNano : SHORTEST_RETRY;
        return Duration.ofNanos((long) Math.max(SHORTEST_RETRY, Math.min(LONGEST_RETRY, nanos)));
    }

    /** Looks after calls, and says in how many nanoseconds to look again at the latest, or {@link #NEVER}. */
    interface Look {
        long look(long now);
    }
}
