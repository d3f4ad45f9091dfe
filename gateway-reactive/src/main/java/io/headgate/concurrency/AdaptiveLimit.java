package io.headgate.concurrency;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The engine that finds a limit: it compares the latency of the last moments with that of a service without a queue,
 * and lowers the limit by the share in which the two differ.
 *
 * <p>The law is the gradient of Netflix' concurrency-limits ("Performance Under Load", 2018) and of Envoy's adaptive
 * concurrency filter: {@code limit = limit * min(1, tolerance * baseline / latency) + sqrt(limit)}, where the square
 * root is the queue that is allowed for, and no step more than halves. A gateway has no queue of its own whose delay
 * CoDel (Nichols and Jacobson, 2012) could measure: the queue is behind it, and all that shows of it is latency, as
 * in TCP Vegas (Brakmo and Peterson, 1995).
 *
 * <p>The baseline is what decides. Netflix takes a long-term mean, which overload lifts until it is taken for normal;
 * Envoy lets hardly any calls through from time to time to measure, overload or not. Here it is the least median, as
 * BBR has it (Cardwell et al., 2016): it falls at once, and rises slowly while the limit is not what holds calls back.
 * Only when the limit has held calls back for a minute without a new minimum, it is lowered to its least for one
 * window, and what is measured then is the baseline.
 *
 * <p>From its initial value the limit doubles, as TCP starts, until latency grows for the first time. Any thread may
 * add samples.
 */
final class AdaptiveLimit {

    static final long WINDOW = 100_000_000L;
    static final int SAMPLES = 20;
    static final long PROBE_AFTER = 60_000_000_000L;
    static final long DRIFT = 60_000_000_000L;

    private static final double STEEPEST = 0.5;

    private final int least;
    private final int most;
    private final double tolerance;
    private final LatencyWindow window = new LatencyWindow();
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile int limit;
    private volatile int peak; // calls under way in this window; a lost update does no harm
    private volatile long opened; // the time when the window was
    private volatile boolean probing;
    private volatile long baseline;

    // For the one who closes a window.
    private boolean starting = true;
    private long refreshed;
    private int beforeProbe;

    AdaptiveLimit(int least, int initial, int most, double tolerance, long now) {
        this.least = least;
        this.most = most;
        this.tolerance = tolerance;
        this.limit = initial;
        this.opened = now;
        this.refreshed = now;
    }

    int limit() {
        return limit;
    }

    /** The latency without a queue, in nanoseconds; 0 until the first window has closed. */
    long baseline() {
        return baseline;
    }

    /**
     * Adds a call that was answered.
     *
     * @param started when it began, in nanoseconds
     * @param now when it was answered
     * @param active how many calls were under way with it
     * @return true when the limit may have changed
     */
    boolean add(long started, long now, int active) {
        if (probing && started - opened < 0) {
            return false; // it has queued with those from before
        }
        if (active > peak) {
            peak = active;
        }
        int samples = window.add(now - started);
        boolean enough = samples >= (probing ? Math.min(least, SAMPLES) : SAMPLES);
        if (!enough || now - opened < WINDOW || !closing.compareAndSet(false, true)) {
            return false;
        }
        try {
            if (now - opened >= WINDOW) {
                close(now);
            }
        } finally {
            closing.set(false);
        }
        return true;
    }

    private void close(long now) {
        long latency = Math.max(window.median(), 1);
        boolean held = 2L * peak >= limit;
        long age = now - opened;
        window.clear();
        peak = 0;
        opened = now;
        if (probing) {
            probing = false;
            baseline = latency;
            refreshed = now;
            limit = beforeProbe;
        } else if (learn(latency, held, age, now)) {
            limit = next(latency, held);
        } else {
            beforeProbe = limit;
            limit = least;
            probing = true;
        }
    }

    /** Moves the baseline; false when it is time to measure it anew. */
    private boolean learn(long latency, boolean held, long age, long now) {
        if (baseline == 0 || latency <= baseline) {
            baseline = latency;
        } else if (!held) {
            baseline += (long) ((latency - baseline) * Math.min(1, (double) age / DRIFT));
        } else {
            return now - refreshed < PROBE_AFTER;
        }
        refreshed = now;
        return true;
    }

    private int next(long latency, boolean held) {
        double gradient = Math.max(STEEPEST, Math.min(1, tolerance * baseline / latency));
        starting &= gradient == 1;
        double growth = !held ? 0 : starting ? limit : Math.sqrt(limit);
        return (int) Math.max(least, Math.min(most, Math.round(limit * gradient + growth)));
    }
}
