package io.headgate.breaker;

import io.headgate.breaker.FailureWindow.Sum;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a circuit breaker. Any thread may use it, without locks.
 *
 * <p>Where the breaker stands is one reference. The closed phase is also the permit of all calls that it lets through: when such a
 * call ends in a later phase, its permit is one of the past and changes nothing.
 */
final class Breaker {

    /** A call that was let through; exactly one of the methods but {@link #promise} is called when it ends. */
    interface Permit {

        void success();

        void failure();

        /** The endpoint has refused because of its load. */
        void limited();

        /** The call says nothing about the endpoint. */
        void release();

        /** The call is going well so far. */
        void promise();
    }

    private static final AtomicReferenceFieldUpdater<Breaker, Phase> PHASE =
            AtomicReferenceFieldUpdater.newUpdater(Breaker.class, Phase.class, "phase");

    private final BreakerSettings settings;
    private final BreakerListener listener;
    private final LongSupplier clock;
    private final DoubleSupplier dice;
    private final LongAdder openings = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private final LongAdder probes = new LongAdder();
    private volatile Phase phase;

    /**
     * A closed breaker.
     *
     * @param clock nanoseconds that only grow
     * @param dice 0 to 1, for the jitter
     */
    Breaker(BreakerSettings settings, BreakerListener listener, LongSupplier clock, DoubleSupplier dice) {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        this.dice = dice;
        this.phase = new Closed();
    }

    /** Lets a call through, or says null. */
    @Nullable Permit acquire() {
        return phase instanceof Closed closed ? closed : probe();
    }

    /**
     * Tells whether a call made now would be let through. While half open that is so for all who ask before the first of them calls:
     * asking reserves nothing, because who asks may well pick another endpoint and never call.
     */
    boolean isWelcome() {
        Phase seen = phase;
        return seen instanceof Closed || seen.isFree(clock.getAsLong());
    }

    BreakerState state() {
        Phase seen = phase;
        if (seen instanceof Closed) {
            return BreakerState.CLOSED;
        }
        return seen instanceof Open open && !open.isFree(clock.getAsLong())
                ? BreakerState.OPEN
                : BreakerState.HALF_OPEN;
    }

    BreakerStats stats() {
        Phase seen = phase;
        long now = clock.getAsLong();
        Closed closed = seen instanceof Closed c ? c : null;
        Sum sum = closed == null || closed.window == null ? Sum.NONE : closed.window.sum(now);
        return new BreakerStats(
                state(),
                openings.sum(),
                refusals.sum(),
                probes.sum(),
                closed == null ? 0 : closed.inARow.get(),
                sum.calls(),
                sum.failures(),
                Duration.ofNanos(seen instanceof Open open ? Math.max(0, open.until - now) : 0));
    }

    private @Nullable Permit probe() {
        while (true) {
            Phase seen = phase;
            if (seen instanceof Closed closed) {
                return closed;
            }
            long now = clock.getAsLong();
            if (!seen.isFree(now)) {
                refusals.increment();
                return null;
            }
            if (seen instanceof Probe overdue && overdue.promising) {
                move(overdue, new Closed());
                continue;
            }
            Probe probe = new Probe(now, seen.openings());
            if (move(seen, probe)) {
                probes.increment();
                return probe;
            }
        }
    }

    private boolean move(Phase from, Phase to) {
        if (!PHASE.compareAndSet(this, from, to)) {
            return false;
        }
        if (to instanceof Open) {
            openings.increment();
        }
        if (from.state() != to.state()) {
            listener.onChange(from.state(), to.state());
        }
        return true;
    }

    /** The phase after one more opening in a row. */
    private Open opened(int before) {
        long base = settings.maxBackoff().toNanos();
        if (before < Long.SIZE - 2) {
            long doubled = settings.minBackoff().toNanos() << before;
            base = doubled >> before == settings.minBackoff().toNanos() ? Math.min(base, doubled) : base;
        }
        long jitter = (long) (base * settings.jitter() * dice.getAsDouble());
        return new Open(clock.getAsLong() + base + jitter, before + 1);
    }

    private abstract static class Phase {

        abstract BreakerState state();

        /** Whether a probe may begin. */
        abstract boolean isFree(long now);

        /** How often in a row the breaker has opened. */
        abstract int openings();
    }

    private final class Closed extends Phase implements Permit {

        private final AtomicInteger inARow = new AtomicInteger();
        private final @Nullable FailureWindow window;

        Closed() {
            window = settings.failureShare() == 0
                    ? null
                    : new FailureWindow(settings.window().toNanos(), clock.getAsLong());
        }

        @Override
        BreakerState state() {
            return BreakerState.CLOSED;
        }

        @Override
        boolean isFree(long now) {
            return true;
        }

        @Override
        int openings() {
            return 0;
        }

        @Override
        public void success() {
            if (inARow.get() != 0) {
                inARow.set(0);
            }
            if (window != null) {
                window.success(clock.getAsLong());
            }
        }

        @Override
        public void failure() {
            boolean tooMany =
                    inARow.incrementAndGet() >= settings.consecutiveFailures() && settings.consecutiveFailures() > 0;
            if (exceedsShare() || tooMany) {
                move(this, opened(0));
            }
        }

        @Override
        public void limited() {
            if (exceedsShare()) {
                move(this, opened(0));
            }
        }

        /** Counts a failure. Only failures can raise the share, so only they look at it. */
        private boolean exceedsShare() {
            if (window == null) {
                return false;
            }
            long now = clock.getAsLong();
            window.failure(now);
            Sum sum = window.sum(now);
            return sum.calls() >= settings.minRequests() && sum.failures() >= sum.calls() * settings.failureShare();
        }

        @Override
        public void release() {
            // nothing is held
        }

        @Override
        public void promise() {
            // the end counts
        }
    }

    private static final class Open extends Phase {

        private final long until;
        private final int openings;

        Open(long until, int openings) {
            this.until = until;
            this.openings = openings;
        }

        @Override
        BreakerState state() {
            return BreakerState.OPEN;
        }

        @Override
        boolean isFree(long now) {
            return now - until >= 0;
        }

        @Override
        int openings() {
            return openings;
        }
    }

    /** Half open without a probe: the last one was cancelled. */
    private static final class Idle extends Phase {

        private final int openings;

        Idle(int openings) {
            this.openings = openings;
        }

        @Override
        BreakerState state() {
            return BreakerState.HALF_OPEN;
        }

        @Override
        boolean isFree(long now) {
            return true;
        }

        @Override
        int openings() {
            return openings;
        }
    }

    /** Half open with a probe under way. */
    private final class Probe extends Phase implements Permit {

        private final long since;
        private final int openings;
        private volatile boolean promising;

        Probe(long since, int openings) {
            this.since = since;
            this.openings = openings;
        }

        @Override
        BreakerState state() {
            return BreakerState.HALF_OPEN;
        }

        @Override
        boolean isFree(long now) {
            return now - since >= settings.probeLimit().toNanos();
        }

        @Override
        int openings() {
            return openings;
        }

        @Override
        public void success() {
            move(this, new Closed());
        }

        @Override
        public void failure() {
            move(this, opened(openings));
        }

        @Override
        public void limited() {
            failure();
        }

        @Override
        public void release() {
            move(this, new Idle(openings));
        }

        @Override
        public void promise() {
            promising = true;
        }
    }
}
