package io.headgate.breaker;

import io.headgate.breaker.EjectionListener.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The policy of an ejection. Any thread may use it: what is done for each call takes no lock; ejecting does, which is rare and short.
 *
 * <p>There is no timer. The set is compared by the first call that ends when an interval is over: without calls there is nothing
 * to compare.
 */
final class EjectionGroup {

    private final EjectionSettings settings;
    private final EjectionListener listener;
    private final LongSupplier clock;
    private final Set<Member> members = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextComparison;
    private final List<Member> ejected = new ArrayList<>(); // guarded by this
    private long ejections; // guarded by this
    private long spared; // guarded by this

    EjectionGroup(EjectionSettings settings, EjectionListener listener, LongSupplier clock) {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        this.nextComparison =
                new AtomicLong(clock.getAsLong() + settings.interval().toNanos());
    }

    /**
     * Adds an endpoint.
     *
     * @param name for the listener
     * @param ready whether it can take calls, its ejection apart
     */
    Member join(Object name, BooleanSupplier ready) {
        Member member = new Member(name, ready);
        members.add(member);
        return member;
    }

    void leave(Member member) {
        members.remove(member);
        synchronized (this) {
            ejected.remove(member);
        }
    }

    synchronized EjectionStats stats() {
        forgetReturned(clock.getAsLong());
        return new EjectionStats(members.size(), ejected.size(), ejections, spared);
    }

    synchronized List<EjectedEndpoint> ejected() {
        long now = clock.getAsLong();
        forgetReturned(now);
        return ejected.stream()
                .map(member -> new EjectedEndpoint(member.name, Duration.ofNanos(member.until - now)))
                .toList();
    }

    private synchronized void eject(Member member, Reason reason, long now) {
        forgetReturned(now);
        if (member.isEjected(now) || !members.contains(member)) {
            return;
        }
        int most = Math.max(1, (int) (members.size() * settings.maxShare()));
        if (ejected.size() >= most || !othersAreReady(member, now)) {
            spared++;
            return;
        }
        long time = Math.min(
                settings.maxEjection().toNanos(),
                saturated(settings.baseEjection().toNanos(), ++member.times));
        member.wasEjected = true;
        member.until = now + time;
        member.out = true;
        ejected.add(member);
        ejections++;
        listener.onEjected(member.name, reason, Duration.ofNanos(time));
    }

    private static long saturated(long base, int times) {
        return base > Long.MAX_VALUE / times ? Long.MAX_VALUE : base * times;
    }

    private void forgetReturned(long now) {
        ejected.removeIf(member -> {
            boolean back = !member.isEjected(now);
            if (back) {
                member.out = false;
            }
            return back;
        });
    }

    private boolean othersAreReady(Member leaving, long now) {
        int missing = settings.minReady();
        if (missing == 0) {
            return true;
        }
        for (Member member : members) {
            if (member != leaving && !member.isEjected(now) && member.ready.getAsBoolean() && --missing == 0) {
                return true;
            }
        }
        return false;
    }

    private void compareWhenDue(long now) {
        long due = nextComparison.get();
        if (now - due >= 0
                && nextComparison.compareAndSet(due, now + settings.interval().toNanos())) {
            compare(now);
        }
    }

    private void compare(long now) {
        List<Comparison.Sample> samples = new ArrayList<>();
        for (Member member : members) {
            Comparison.Sample sample = member.take();
            if (sample.calls() >= settings.minRequests()) {
                samples.add(sample);
            }
            member.recover(sample, now);
        }
        if (samples.size() < settings.minEndpoints()) {
            return;
        }
        Comparison comparison = new Comparison(samples);
        if (settings.deviations() > 0) {
            comparison.failing(settings.deviations()).forEach(member -> eject(member, Reason.FAILURE_SHARE, now));
        }
        if (settings.latencyFactor() > 0) {
            comparison.slow(settings.latencyFactor()).forEach(member -> eject(member, Reason.LATENCY, now));
        }
    }

    /** One endpoint. */
    final class Member {

        private static final long FAILURE = 1L << 32;

        private final Object name;
        private final BooleanSupplier ready;
        private final AtomicInteger inARow = new AtomicInteger();
        private final AtomicLong counts = new AtomicLong(); // failures, then calls, 32 bits each
        private final AtomicLong replies = new AtomicLong();
        private final AtomicLong latency = new AtomicLong(); // nanoseconds of all replies
        private volatile boolean out;
        private volatile long until; // written before out
        private int times; // guarded by the group
        private boolean wasEjected; // since the last comparison, guarded by the group

        Member(Object name, BooleanSupplier ready) {
            this.name = name;
            this.ready = ready;
        }

        /** Costs a read for endpoints that are not ejected. */
        boolean isEjected() {
            return out && isEjected(clock.getAsLong());
        }

        private boolean isEjected(long now) {
            return out && now - until < 0;
        }

        /** The time, for {@link #replied}; only when it matters. */
        long start() {
            return settings.latencyFactor() > 0 ? clock.getAsLong() : 0;
        }

        void replied(long start) {
            if (settings.latencyFactor() > 0) {
                latency.addAndGet(clock.getAsLong() - start);
                replies.incrementAndGet();
            }
        }

        /** A call has ended. What ends while the endpoint is ejected began before, and is known. */
        void ended(Verdict verdict) {
            long now = clock.getAsLong();
            if (verdict != Verdict.NONE && !isEjected(now)) {
                counts.addAndGet(verdict == Verdict.SUCCESS ? 1 : 1 + FAILURE);
                if (verdict == Verdict.FAILURE) {
                    failed(now);
                } else if (verdict == Verdict.SUCCESS && inARow.get() != 0) {
                    inARow.set(0);
                }
            }
            compareWhenDue(now);
        }

        private void failed(long now) {
            int most = settings.consecutiveFailures();
            if (inARow.incrementAndGet() >= most && most > 0) {
                inARow.set(0); // when it is spared, it has as many failures before it is looked at again
                eject(this, Reason.CONSECUTIVE_FAILURES, now);
            }
        }

        private Comparison.Sample take() {
            long counted = counts.getAndSet(0);
            long answered = replies.getAndSet(0);
            long spent = latency.getAndSet(0);
            return new Comparison.Sample(this, counted & FAILURE - 1, counted >>> 32, answered, spent);
        }

        /** Each interval with calls and without ejection makes the next ejection shorter again. */
        private void recover(Comparison.Sample sample, long now) {
            if (sample.calls() == 0 || isEjected(now)) {
                return;
            }
            synchronized (EjectionGroup.this) {
                times = wasEjected ? times : Math.max(0, times - 1);
                wasEjected = false;
            }
        }
    }
}
