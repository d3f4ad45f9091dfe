package io.headgate.balance;

import io.headgate.balance.internal.Affinity;
import io.headgate.balance.internal.Load;
import io.headgate.balance.internal.Nodes;
import io.headgate.balance.internal.PeakEwma;
import io.headgate.balance.internal.Picker;
import io.headgate.balance.internal.RoundRobin;
import io.headgate.balance.internal.TwoChoices;
import io.headgate.balance.internal.WeightedRandom;
import java.util.function.LongSupplier;

/** From settings to the engine. */
final class Strategies {

    private Strategies() {}

    static Nodes.Policy policy(BalancerSettings settings, LongSupplier random) {
        Strategy.PeakEwma times = times(settings.strategy());
        PeakEwma latency = new PeakEwma(
                times.initial().toNanos(),
                times.decay().toNanos(),
                times.floor().toNanos());
        ZonePreference zone = settings.zone();
        return new Nodes.Policy(
                picker(settings.strategy(), latency, random),
                settings.strategy() instanceof Strategy.RingHash ring
                        ? new Affinity(ring.key()::hash, ring.points(), ring.bound())
                        : null,
                latency,
                zone == null ? null : zone::isNear,
                zone == null ? 1 : zone.enough(),
                settings.slowStart().toNanos());
    }

    /** Times are known whatever the strategy; some do not look at them. */
    static Strategy.PeakEwma times(Strategy strategy) {
        if (strategy instanceof Strategy.PeakEwma times) {
            return times;
        }
        return strategy instanceof Strategy.RingHash ring ? times(ring.otherwise()) : Strategy.PeakEwma.DEFAULTS;
    }

    private static Picker picker(Strategy strategy, PeakEwma latency, LongSupplier random) {
        if (strategy instanceof Strategy.RingHash ring) {
            return picker(ring.otherwise(), latency, random);
        } else if (strategy instanceof Strategy.LeastPending) {
            return new TwoChoices(Load.OPEN_CALLS, random);
        } else if (strategy instanceof Strategy.RoundRobin) {
            return new RoundRobin(random);
        } else if (strategy instanceof Strategy.Weighted) {
            return new WeightedRandom(random);
        }
        return new TwoChoices(latency, random);
    }
}
