package io.headgate.balance;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Balancer} works. Immutable; {@link #DEFAULTS} suit most services. Each {@code with} method returns a copy.
 *
 * @param strategy how endpoints are chosen
 * @param zone whether endpoints of a zone are preferred, or null
 * @param slowStart how long an endpoint that joins others gets less than its share: from a tenth on, growing evenly; zero for
 *     its share at once. Exchanges with a key of {@link Strategy.RingHash} go where they belong all the same
 * @param queue how many calls may wait while no endpoint is ready (503 beyond)
 * @param failfast how long calls may wait without anybody being ready, before they fail and others are refused at once
 * @param grace how long calls at an endpoint that drains may take
 * @param tick how often a balancer looks whether endpoints have become ready, and whether waiting calls are late, while calls
 *     wait or are refused; otherwise it does not look at all
 */
public record BalancerSettings(
        Strategy strategy,
        @Nullable ZonePreference zone,
        Duration slowStart,
        int queue,
        Duration failfast,
        Duration grace,
        Duration tick) {

    private static final Duration DAY = Duration.ofDays(1);

    /** Peak EWMA, no zone, no slow start, 10,000 calls wait for 3 s at most, 2 min to drain, a look each 100 ms. */
    public static final BalancerSettings DEFAULTS = new BalancerSettings(
            Strategy.peakEwma(),
            null,
            Duration.ZERO,
            10_000,
            Duration.ofSeconds(3),
            Duration.ofMinutes(2),
            Duration.ofMillis(100));

    /** Checks the parts. */
    public BalancerSettings {
        Objects.requireNonNull(strategy, "strategy");
        Spans.check("slowStart", slowStart, Duration.ZERO, DAY);
        Spans.check("failfast", failfast, Duration.ofMillis(1), DAY);
        Spans.check("grace", grace, Duration.ZERO, Duration.ofDays(365));
        Spans.check("tick", tick, Duration.ofMillis(1), Duration.ofMinutes(1));
        if (queue < 0) {
            throw new IllegalArgumentException("queue: " + queue + " (expected: 0 or more)");
        }
    }

    /**
     * A copy that chooses otherwise.
     *
     * @param changed how endpoints are chosen
     * @return the copy
     */
    public BalancerSettings withStrategy(Strategy changed) {
        return new BalancerSettings(changed, zone, slowStart, queue, failfast, grace, tick);
    }

    /**
     * A copy that prefers a zone.
     *
     * @param changed the preference, or null for none
     * @return the copy
     */
    public BalancerSettings withZone(@Nullable ZonePreference changed) {
        return new BalancerSettings(strategy, changed, slowStart, queue, failfast, grace, tick);
    }

    /**
     * A copy with another slow start.
     *
     * @param changed how long an endpoint is new; zero for no slow start
     * @return the copy
     */
    public BalancerSettings withSlowStart(Duration changed) {
        return new BalancerSettings(strategy, zone, changed, queue, failfast, grace, tick);
    }

    /**
     * A copy with another bound for waiting calls.
     *
     * @param changed how many; zero to refuse calls at once while nobody is ready
     * @return the copy
     */
    public BalancerSettings withQueue(int changed) {
        return new BalancerSettings(strategy, zone, slowStart, changed, failfast, grace, tick);
    }

    /**
     * A copy that lets calls wait for another time.
     *
     * @param changed 1 ms to 1 day
     * @return the copy
     */
    public BalancerSettings withFailfast(Duration changed) {
        return new BalancerSettings(strategy, zone, slowStart, queue, changed, grace, tick);
    }

    /**
     * A copy with another time to drain.
     *
     * @param changed 0 to 365 days
     * @return the copy
     */
    public BalancerSettings withGrace(Duration changed) {
        return new BalancerSettings(strategy, zone, slowStart, queue, failfast, changed, tick);
    }

    /**
     * A copy that looks at another pace.
     *
     * @param changed 1 ms to 1 min
     * @return the copy
     */
    public BalancerSettings withTick(Duration changed) {
        return new BalancerSettings(strategy, zone, slowStart, queue, failfast, grace, changed);
    }
}
