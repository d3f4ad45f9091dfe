package io.headgate.health;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Checks the endpoints that a resolver finds, and tells only of those that are well. The stream is a <i>state stream</i> as that of the
 * resolver.
 *
 * <pre>{@code
 * Resolver healthy = HealthChecks.of(HttpCheck.of(clients).withPath("/ready")).around(resolver);
 * }</pre>
 *
 * <p>An endpoint that is found unwell leaves by {@link Update.Remove} with DRAIN and comes back by {@link Update.Upsert}. When so few are
 * well that the {@linkplain #withPanic panic} share is not reached, all that were checked are used: that many do not fail at once, so
 * the fault is likely to be elsewhere, and the few would not bear the load.
 *
 * <p>Each subscription checks for itself; share the stream when several want it. Checks of an endpoint stop when it leaves, and all when
 * the subscriber cancels or the source fails. A source that completes has told its last: what it told goes on being checked.
 *
 * <p><b>Threading.</b> Checks begin on the scheduler, or where an endpoint comes; updates are told where they arise, one after another.
 *
 * <p><b>Backpressure.</b> Updates that wait are put together.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class HealthChecks {

    /** Time between two checks of an endpoint. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

    /** How long a check may take. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    /** By how much intervals differ, so that the checks of many gateways do not come together. */
    public static final double DEFAULT_JITTER = 0.1;

    /** Successes in a row that bring an endpoint back. */
    public static final int DEFAULT_RISE = 2;

    /** Failures in a row that take one out. */
    public static final int DEFAULT_FALL = 3;

    /** The share of endpoints that must be well. */
    public static final double DEFAULT_PANIC = 0.5;

    /** Checks that are under way at a time. */
    public static final int DEFAULT_CONCURRENCY = 64;

    /** When endpoints are asked. */
    record Timing(Duration interval, double jitter, Duration timeout, int concurrency) {}

    private final HealthCheck check;
    private final HealthRules rules;
    private final Timing timing;
    private final Scheduler scheduler;
    private final HealthObserver observer;
    private final DoubleSupplier dice;

    private HealthChecks(
            HealthCheck check,
            HealthRules rules,
            Timing timing,
            Scheduler scheduler,
            HealthObserver observer,
            DoubleSupplier dice) {
        this.check = check;
        this.rules = rules;
        this.timing = timing;
        this.scheduler = scheduler;
        this.observer = observer;
        this.dice = dice;
    }

    /**
     * Checks with the defaults: endpoints are well until they are found not to be.
     *
     * @param check how to ask
     * @return the checks
     */
    public static HealthChecks of(HealthCheck check) {
        return new HealthChecks(
                Objects.requireNonNull(check, "check"),
                new HealthRules(DEFAULT_RISE, DEFAULT_FALL, false, DEFAULT_PANIC),
                new Timing(DEFAULT_INTERVAL, DEFAULT_JITTER, DEFAULT_TIMEOUT, DEFAULT_CONCURRENCY),
                Schedulers.parallel(),
                HealthObserver.NONE,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * A copy that asks at other times.
     *
     * @param interval from the end of a check to the next of the same endpoint
     * @param jitter by how much that differs up and down, as a share of it, 0 to 1
     * @return the copy
     */
    public HealthChecks withInterval(Duration interval, double jitter) {
        positive("interval", interval);
        expect("jitter", jitter, jitter >= 0 && jitter <= 1, "0..1");
        return with(rules, new Timing(interval, jitter, timing.timeout, timing.concurrency));
    }

    /**
     * A copy that waits for another time.
     *
     * @param timeout how long a check may take
     * @return the copy
     */
    public HealthChecks withTimeout(Duration timeout) {
        positive("timeout", timeout);
        return with(rules, new Timing(timing.interval, timing.jitter, timeout, timing.concurrency));
    }

    /**
     * A copy with another bound.
     *
     * @param concurrency how many checks may be under way; others wait for their turn
     * @return the copy
     */
    public HealthChecks withConcurrency(int concurrency) {
        expect("concurrency", concurrency, concurrency >= 1, "at least 1");
        return with(rules, new Timing(timing.interval, timing.jitter, timing.timeout, concurrency));
    }

    /**
     * A copy with other thresholds.
     *
     * @param rise successes in a row that bring an endpoint back
     * @param fall failures in a row that take one out
     * @return the copy
     */
    public HealthChecks withThresholds(int rise, int fall) {
        expect("rise", rise, rise >= 1, "at least 1");
        expect("fall", fall, fall >= 1, "at least 1");
        return with(new HealthRules(rise, fall, rules.checkedFirst(), rules.panic()), timing);
    }

    /**
     * A copy that says when a new endpoint is used.
     *
     * @param checked true when it must be found well before, by one check; false when it is well until it is found not to be. A set
     *     of endpoints that must be checked first is told as soon as one of them is well, or all are known not to be
     * @return the copy
     */
    public HealthChecks withCheckedFirst(boolean checked) {
        return with(new HealthRules(rules.rise(), rules.fall(), checked, rules.panic()), timing);
    }

    /**
     * A copy with another share for panic.
     *
     * @param share of the endpoints that were checked, which must be well; with fewer, all of them are used. 0 for no panic: then the set
     *     may become empty
     * @return the copy
     */
    public HealthChecks withPanic(double share) {
        expect("panic", share, share >= 0 && share <= 1, "0..1");
        return with(new HealthRules(rules.rise(), rules.fall(), rules.checkedFirst(), share), timing);
    }

    /**
     * A copy whose timers run elsewhere.
     *
     * @param changed the scheduler; Reactor's parallel one unless set
     * @return the copy
     */
    public HealthChecks withScheduler(Scheduler changed) {
        return new HealthChecks(check, rules, timing, Objects.requireNonNull(changed, "scheduler"), observer, dice);
    }

    /**
     * A copy whose findings are told.
     *
     * @param changed is told
     * @return the copy
     */
    public HealthChecks withObserver(HealthObserver changed) {
        return new HealthChecks(check, rules, timing, scheduler, Objects.requireNonNull(changed, "observer"), dice);
    }

    /** For tests: 0 to 1 instead of chance. */
    HealthChecks withDice(DoubleSupplier changed) {
        return new HealthChecks(check, rules, timing, scheduler, observer, changed);
    }

    private HealthChecks with(HealthRules changedRules, Timing changedTiming) {
        return new HealthChecks(check, changedRules, changedTiming, scheduler, observer, dice);
    }

    private static void positive(String name, Duration value) {
        expect(name, value, !value.isNegative() && !value.isZero(), "more than nothing");
    }

    private static void expect(String name, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /**
     * Checks what a resolver finds.
     *
     * @param source finds the endpoints
     * @return a resolver of the same names that tells of those that are well
     */
    public Resolver around(Resolver source) {
        Objects.requireNonNull(source, "source");
        return name -> new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Update<Endpoint>> actual) {
                source.resolve(name).subscribe(new HealthSubscriber(actual, name, HealthChecks.this));
            }
        };
    }

    HealthCheck check() {
        return check;
    }

    HealthRules rules() {
        return rules;
    }

    Timing timing() {
        return timing;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    HealthObserver observer() {
        return observer;
    }

    /** Nanoseconds to the next check of an endpoint. */
    long pause() {
        double change = timing.jitter * (2 * dice.getAsDouble() - 1);
        return (long) (timing.interval.toNanos() * (1 + change));
    }
}
