package io.headgate.metrics;

import io.headgate.breaker.BreakerState;
import io.headgate.breaker.BreakerStats;
import io.headgate.breaker.EjectionStats;
import io.headgate.health.HealthCounts;
import io.headgate.hedge.HedgeStats;
import io.headgate.mirror.MirrorStats;
import io.headgate.retry.RetryStats;
import io.headgate.retry.Skipped;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The meters of what keeps failures away. */
final class ResilienceTables {

    private static final String CALLS = "calls";
    private static final String ENDPOINT_UNIT = "endpoints";
    private static final String EXCHANGES = "exchanges";

    static final EngineMembers.Plan<Map.Entry<? extends Object, BreakerStats>> BREAKERS = new EngineMembers.Plan<>(
            breakersByState(),
            EngineTable.<Map.Entry<? extends Object, BreakerStats>>of()
                    .gauge(
                            "breaker.openness",
                            null,
                            "0 while it is closed, 0.5 while it is half open, 1 while it is open",
                            breaker -> openness(breaker.getValue().state()),
                            Math::max)
                    .counter(
                            "breaker.openings",
                            null,
                            "How often it has opened",
                            breaker -> breaker.getValue().openings())
                    .counter(
                            "breaker.refusals",
                            null,
                            "Calls that it has refused",
                            breaker -> breaker.getValue().refusals())
                    .counter(
                            "breaker.probes",
                            null,
                            "Calls that it has let through while half open",
                            breaker -> breaker.getValue().probes()),
            "endpoint",
            breaker -> String.valueOf(breaker.getKey()));

    static final EngineTable<EjectionStats> EJECTION = EngineTable.<EjectionStats>of()
            .gauge("ejection.endpoints", ENDPOINT_UNIT, "Endpoints that are compared", EjectionStats::endpoints)
            .gauge("ejection.ejected", ENDPOINT_UNIT, "Endpoints that are ejected", EjectionStats::ejected)
            .counter("ejection.ejections", null, "Ejections", EjectionStats::ejections)
            .counter("ejection.spared", null, "Ejections that the cap forbade", EjectionStats::spared);

    static final EngineTable<HealthCounts> HEALTH = EngineTable.<HealthCounts>of()
            .counter("health.falls", null, "How often an endpoint ceased to be well", HealthCounts::falls)
            .counter("health.rises", null, "How often an endpoint became well", HealthCounts::rises)
            .counter("health.panics", null, "How often so few were well that all were used", HealthCounts::panics);

    static final EngineTable<RetryStats> RETRY = retry();

    static final EngineTable<Long> BUDGET = EngineTable.<Long>of()
            .gauge("retry.budget.balance", "retries", "Retries that would be allowed now", Long::doubleValue);

    static final EngineTable<HedgeStats> HEDGE = EngineTable.<HedgeStats>of()
            .counter("hedge.attempts", "attempts", "Attempts beside another one", HedgeStats::hedges)
            .counter("hedge.won", "attempts", "Those of them whose reply the client got", HedgeStats::won)
            .counter("hedge.skipped", "attempts", "Those that the budget forbade", HedgeStats::noBudget);

    static final EngineTable<MirrorStats> MIRROR = EngineTable.<MirrorStats>of()
            .gauge("mirror.active", EXCHANGES, "Mirrored exchanges that are under way", MirrorStats::active)
            .counter("mirror.skipped", EXCHANGES, "Requests for which there was no room", MirrorStats::skipped)
            .counter("mirror.started", EXCHANGES, "Mirrored exchanges that were begun", MirrorStats::started)
            .counter("mirror.ended", EXCHANGES, result("completed"), ended(), MirrorStats::completed)
            .counter("mirror.ended", EXCHANGES, result("failed"), ended(), MirrorStats::failed)
            .counter("mirror.ended", EXCHANGES, result("cut"), ended(), MirrorStats::cut)
            .counter("mirror.ended", EXCHANGES, result("timed_out"), ended(), MirrorStats::timedOut);

    private ResilienceTables() {}

    private static EngineTable<List<Map.Entry<? extends Object, BreakerStats>>> breakersByState() {
        EngineTable<List<Map.Entry<? extends Object, BreakerStats>>> table = EngineTable.of();
        for (BreakerState state : BreakerState.values()) {
            table = table.gauge(
                    "breaker.breakers",
                    "breakers",
                    Tags.of("state", lower(state)),
                    "Circuit breakers by state",
                    all -> all.stream()
                            .filter(breaker -> breaker.getValue().state() == state)
                            .count());
        }
        return table;
    }

    private static EngineTable<RetryStats> retry() {
        EngineTable<RetryStats> table = EngineTable.<RetryStats>of()
                .counter("retry.attempts", "attempts", "Attempts after the first ones", RetryStats::retries)
                .counter("retry.recovered", CALLS, "Calls that a retry has saved", RetryStats::recovered);
        for (Skipped reason : Skipped.values()) {
            table = table.counter(
                    "retry.skipped",
                    CALLS,
                    Tags.of("reason", lower(reason)),
                    "Failures that were not tried again although the policy is for them",
                    stats -> stats.skipped().getOrDefault(reason, 0L));
        }
        return table;
    }

    private static double openness(BreakerState state) {
        return switch (state) {
            case CLOSED -> 0;
            case HALF_OPEN -> 0.5;
            case OPEN -> 1;
        };
    }

    private static Tags result(String result) {
        return Tags.of("result", result);
    }

    private static String ended() {
        return "Mirrored exchanges that have ended";
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
