package io.headgate.metrics;

import io.headgate.concurrency.BulkheadStats;
import io.headgate.concurrency.ConcurrencyStats;
import io.headgate.concurrency.LoadStats;
import io.headgate.ratelimit.RateLimitStats;
import io.headgate.tap.TapStats;
import io.micrometer.core.instrument.Tags;

/** The meters of limits, and of what observation leaves out so as not to slow requests. */
final class LimitTables {

    private static final String CALLS = "calls";
    private static final Tags FULL = Tags.of("reason", "full");
    private static final Tags TIMEOUT = Tags.of("reason", "timeout");
    private static final String REFUSED = "Calls for which there was no room, or not in time";
    private static final String SHED = "Calls that were shed, by priority";

    static final EngineTable<ConcurrencyStats> CONCURRENCY = EngineTable.<ConcurrencyStats>of()
            .gauge("concurrency.limit", CALLS, "Most calls that may be under way", ConcurrencyStats::limit)
            .gauge("concurrency.active", CALLS, "Calls that are under way", ConcurrencyStats::active)
            .gauge("concurrency.waiting", CALLS, "Calls that wait", ConcurrencyStats::waiting)
            .counter("concurrency.refused", CALLS, FULL, REFUSED, ConcurrencyStats::refused)
            .counter("concurrency.refused", CALLS, TIMEOUT, REFUSED, ConcurrencyStats::timedOut);

    static final EngineTable<BulkheadStats> BULKHEAD = EngineTable.<BulkheadStats>of()
            .gauge("bulkhead.keys", "keys", "Keys with a compartment of their own", BulkheadStats::keys)
            .counter("bulkhead.strangers", null, "How often a key had to share one", BulkheadStats::strangers)
            .counter("bulkhead.refused", CALLS, FULL, REFUSED, BulkheadStats::refused)
            .counter("bulkhead.refused", CALLS, TIMEOUT, REFUSED, BulkheadStats::timedOut);

    static final EngineTable<LoadStats> LOAD = EngineTable.<LoadStats>of()
            .gauge("load.limit", CALLS, "Calls that may be under way now", LoadStats::limit)
            .gauge("load.active", CALLS, "Calls that are under way", LoadStats::active)
            .gauge(
                    "load.baseline",
                    "seconds",
                    "The latency that is taken for normal; 0 while it is not known",
                    load -> load.baseline().toNanos() / 1e9)
            .counter("load.shed", CALLS, Tags.of("priority", "high"), SHED, LoadStats::shedHigh)
            .counter("load.shed", CALLS, Tags.of("priority", "normal"), SHED, LoadStats::shedNormal)
            .counter("load.shed", CALLS, Tags.of("priority", "low"), SHED, LoadStats::shedLow);

    static final EngineTable<RateLimitStats> RATES = EngineTable.<RateLimitStats>of()
            .counter("ratelimit.refused", CALLS, "Requests that were refused", RateLimitStats::refused)
            .counter(
                    "ratelimit.undecided",
                    CALLS,
                    "Requests about which the store did not decide",
                    RateLimitStats::undecided)
            .gauge("ratelimit.keys", "keys", "Keys whose capacity is kept here", RateLimitStats::keys)
            .counter("ratelimit.strangers", null, "How often a key had to share a capacity", RateLimitStats::strangers);

    static final EngineTable<TapStats> TAP = EngineTable.<TapStats>of()
            .gauge("tap.observers", "observers", "Who observes now", TapStats::observers)
            .gauge("tap.streams", "exchanges", "Exchanges that were taken and have not ended", TapStats::openStreams)
            .counter("tap.taken", "exchanges", "Exchanges that were taken", TapStats::taken)
            .counter("tap.events", "events", "Events that were delivered", TapStats::events)
            .counter("tap.dropped.events", "events", "Events that found no room", TapStats::droppedEvents)
            .counter(
                    "tap.dropped.exchanges",
                    "exchanges",
                    "Exchanges that were not taken because their first event found no room",
                    TapStats::droppedExchanges);

    static final EngineTable<Long> ACCESS_LOG =
            EngineTable.<Long>of().counter("accesslog.dropped", "lines", "Lines that found no room", Long::doubleValue);

    private LimitTables() {}
}
