package io.headgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * The targets that have series: so many of each kind. Each lives as long as somebody holds it, and for a time after its last use.
 * Of all this only {@link #find} is on the way of an exchange, and only with server labels; it takes no lock once a target is known.
 */
final class HttpTargets {

    private static final Logger LOG = LoggerFactory.getLogger(HttpTargets.class);

    /** Looks as often as this, in parts of the time that idle series are kept. */
    private static final int LOOKS = 10;

    private final HttpConvention convention;
    private final HttpMetricsSettings settings;
    private final LongSupplier clock;
    private final @Nullable Scheduler scheduler;
    private final HttpVerdicts verdicts;
    private final Counter overflow;
    private final MeterRegistry registry;
    private final ReferenceQueue<Object> abandoned = new ReferenceQueue<>();

    // guarded by the lock
    private final Object lock = new Object();
    private final HttpSeriesPool pool;
    private final Map<HttpTarget, HttpTargetSeries> all = new ConcurrentHashMap<>(); // read without it
    private final Map<Class<?>, Integer> sizes = new ConcurrentHashMap<>(); // read without it
    private final Set<Hold> holds = new HashSet<>();
    private @Nullable Disposable timer;
    private int permanent;
    private long evicted;
    private boolean closed;

    HttpTargets(
            MeterRegistry registry,
            HttpConvention convention,
            HttpMetricsSettings settings,
            LongSupplier clock,
            @Nullable Scheduler scheduler) {
        this.registry = registry;
        this.convention = convention;
        this.settings = settings;
        this.clock = clock;
        this.scheduler = scheduler;
        this.pool = new HttpSeriesPool(registry);
        this.overflow = Counter.builder("gateway.metrics.overflow")
                .description("Targets, series and classifications that had no room for series of their own")
                .register(registry);
        this.verdicts = new HttpVerdicts(settings.verdicts(), this::overflowed);
    }

    Object lock() {
        return lock;
    }

    HttpConvention convention() {
        return convention;
    }

    HttpMetricsSettings settings() {
        return settings;
    }

    HttpVerdicts verdicts() {
        return verdicts;
    }

    HttpSeriesPool pool() {
        return pool;
    }

    long now() {
        return clock.getAsLong();
    }

    void overflowed() {
        overflow.increment();
    }

    // ---- targets

    /** The series of a target, or of the other one when there are too many. */
    HttpTargetSeries find(HttpTarget target) {
        HttpTargetSeries known = all.get(target);
        if (known == null && isFull(target)) {
            overflowed();
            target = target.other();
            known = all.get(target);
        }
        return known == null ? add(target) : known;
    }

    private boolean isFull(HttpTarget target) {
        return sizes.getOrDefault(target.getClass(), 0) >= settings.targets();
    }

    private HttpTargetSeries add(HttpTarget target) {
        synchronized (lock) {
            HttpTargetSeries known = all.get(target);
            if (known != null) {
                return known;
            }
            if (!isOther(target) && isFull(target)) {
                return find(target); // others were quicker
            }
            HttpTargetSeries created = new HttpTargetSeries(this, target);
            if (closed) {
                created.close();
                return created;
            }
            all.put(target, created);
            if (!isOther(target)) {
                sizes.merge(target.getClass(), 1, Integer::sum);
            }
            lookLater();
            return created;
        }
    }

    private static boolean isOther(HttpTarget target) {
        return target.equals(target.other());
    }

    /**
     * Holds the series of a target for somebody.
     *
     * @param owner holds them until it is garbage, or gives them back before
     */
    Hold hold(Object owner, HttpTarget target) {
        synchronized (lock) {
            Hold hold = new Hold(owner, find(target));
            hold.series.hold();
            holds.add(hold);
            return hold;
        }
    }

    /** The series of a target that is held until the end. */
    HttpTargetSeries permanent(HttpTarget target) {
        synchronized (lock) {
            permanent++;
            HttpTargetSeries series = find(target);
            series.hold();
            return series;
        }
    }

    /** Somebody who uses a target. */
    final class Hold extends WeakReference<Object> {

        private final HttpTargetSeries series;
        private final int hash;

        private Hold(Object owner, HttpTargetSeries series) {
            super(owner, abandoned);
            this.series = series;
            this.hash = System.identityHashCode(owner);
        }

        /** Of the owner's identity. */
        int hash() {
            return hash;
        }

        HttpTargetSeries series() {
            return series;
        }

        /** May be called again. */
        void release() {
            synchronized (lock) {
                if (holds.remove(this)) {
                    series.release(now());
                }
            }
        }
    }

    // ---- the end of series

    /** Removes what nobody holds and nobody has used for long; returns how many targets. */
    int sweep() {
        synchronized (lock) {
            for (Object hold = abandoned.poll(); hold != null; hold = abandoned.poll()) {
                ((Hold) hold).release();
            }
            long now = now();
            long limit = settings.idle().toNanos();
            int removed = 0;
            for (Iterator<HttpTargetSeries> each = all.values().iterator(); each.hasNext(); ) {
                HttpTargetSeries series = each.next();
                if (series.isIdle(now, limit)) {
                    each.remove();
                    forget(series);
                    removed++;
                }
            }
            evicted += removed;
            return removed;
        }
    }

    private void forget(HttpTargetSeries series) {
        if (!isOther(series.target())) {
            sizes.merge(series.target().getClass(), -1, Integer::sum);
        }
        series.close();
    }

    /** Under the lock: a timer only while there is something to look at. */
    private void lookLater() {
        if (scheduler != null && timer == null && !closed && all.size() > permanent) {
            try {
                timer = scheduler.schedule(this::look, settings.idle().toNanos() / LOOKS, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                LOG.warn("{} is disposed of: series of {} stay until a sweep", scheduler, convention, e);
            }
        }
    }

    private void look() {
        synchronized (lock) {
            timer = null;
            sweep();
            lookLater();
        }
    }

    HttpMetricsStats stats() {
        synchronized (lock) {
            int held = 0;
            for (HttpTargetSeries series : all.values()) {
                held += series.isHeld() ? 1 : 0;
            }
            return new HttpMetricsStats(all.size(), held, pool.size(), evicted, (long) overflow.count());
        }
    }

    /** Removes everything. */
    void close() {
        synchronized (lock) {
            closed = true;
            if (timer != null) {
                timer.dispose();
                timer = null;
            }
            all.values().forEach(HttpTargetSeries::close);
            all.clear();
            sizes.clear();
            holds.clear();
            registry.remove(overflow);
        }
    }
}
