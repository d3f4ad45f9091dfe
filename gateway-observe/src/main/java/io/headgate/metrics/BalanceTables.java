package io.headgate.metrics;

import io.headgate.balance.BalancerStats;
import io.headgate.balance.EndpointStats;
import io.headgate.profile.ProfileStats;
import io.headgate.profile.RouteStats;
import io.headgate.resolve.SourceAges;
import io.headgate.route.ServiceCacheStats;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The meters of what decides where calls go. */
final class BalanceTables {

    private static final String CALLS = "calls";
    private static final String ENDPOINT_UNIT = "endpoints";
    private static final String UPDATES = "Updates of the resolution";

    static final EngineTable<BalancerStats> BALANCER = EngineTable.<BalancerStats>of()
            .gauge(
                    "balancer.calls",
                    CALLS,
                    "Calls at endpoints, those that have left included",
                    BalancerStats::openCalls)
            .gauge("balancer.queue.length", null, "Calls that wait for an endpoint", BalancerStats::waiting)
            .counter("balancer.queue.requests", null, "Calls that have had to wait", BalancerStats::waited)
            .counter("balancer.refused", CALLS, "Calls that failed without an endpoint", BalancerStats::refused)
            .gauge(
                    "balancer.gate.closed",
                    null,
                    "1 while calls are refused because nobody was ready for too long, else 0",
                    stats -> EngineTable.flag(stats.isShut()))
            .counter("balancer.gate.shut", null, "How often calls began to be refused", BalancerStats::timesShut)
            .counter("balancer.gate.opened", null, "How often that ended", BalancerStats::timesOpened)
            .counter("balancer.updates", null, Tags.of("op", "reset"), UPDATES, BalancerStats::resets)
            .counter("balancer.updates", null, Tags.of("op", "upsert"), UPDATES, BalancerStats::upserts)
            .counter("balancer.updates", null, Tags.of("op", "remove"), UPDATES, BalancerStats::removals);

    static final EngineMembers.Plan<EndpointStats> ENDPOINTS = new EngineMembers.Plan<>(
            EngineTable.<List<EndpointStats>>of()
                    .gauge(
                            "balancer.endpoints",
                            ENDPOINT_UNIT,
                            Tags.of("state", "ready"),
                            "Endpoints by state",
                            BalanceTables::ready)
                    .gauge(
                            "balancer.endpoints",
                            ENDPOINT_UNIT,
                            Tags.of("state", "pending"),
                            "Endpoints by state",
                            all -> all.size() - ready(all)),
            EngineTable.<EndpointStats>of()
                    .gauge(
                            "balancer.endpoint.ready",
                            null,
                            "1 while the endpoint would take a call, else 0",
                            endpoint -> EngineTable.flag(endpoint.isReady()))
                    .gauge("balancer.endpoint.calls", CALLS, "Calls that have not ended", EndpointStats::openCalls)
                    .gauge(
                            "balancer.endpoint.latency",
                            "seconds",
                            "Time to the first byte of a reply, as the balancer estimates it",
                            endpoint -> endpoint.latencyMillis() / 1e3,
                            Math::max),
            "endpoint",
            endpoint -> endpoint.endpoint().toString());

    static final EngineTable<ServiceCacheStats> CACHE = EngineTable.<ServiceCacheStats>of()
            .gauge("cache.services", "services", "Services that are there", ServiceCacheStats::size)
            .counter("cache.created", "services", "Services that were made", ServiceCacheStats::created)
            .counter("cache.evicted", "services", "Services that were closed, idle", ServiceCacheStats::evicted)
            .counter("cache.refused", CALLS, "Calls for whose service there was no room", ServiceCacheStats::refused);

    static final EngineTable<Boolean> ROUTER = EngineTable.<Boolean>of()
            .gauge("router.failed", null, "1 after the source of tables has failed, else 0", EngineTable::flag);

    static final EngineTable<ProfileStats> PROFILE = EngineTable.<ProfileStats>of()
            .counter("profile.updates", null, "Profiles that said something new", ProfileStats::profiles)
            .counter("profile.missing", CALLS, "Calls before any profile had come", ProfileStats::callsWithoutProfile);

    static final EngineMembers.Plan<RouteStats> ROUTES = new EngineMembers.Plan<>(
            EngineTable.<List<RouteStats>>of()
                    .gauge("profile.routes", "routes", "Routes in force, the default one included", List::size),
            EngineTable.<RouteStats>of()
                    .counter("profile.route.calls", CALLS, "Requests that took the route", RouteStats::calls)
                    .counter("profile.route.attempts", "attempts", "How often they were sent on", RouteStats::attempts),
            "route",
            BalanceTables::name);

    static final EngineMembers.Plan<Map.Entry<String, SourceAges.Age>> SOURCES = new EngineMembers.Plan<>(
            EngineTable.<List<Map.Entry<String, SourceAges.Age>>>of()
                    .gauge("sources", "sources", "Names that somebody wants to know about", List::size),
            EngineTable.<Map.Entry<String, SourceAges.Age>>of()
                    .gauge(
                            "source.age",
                            "seconds",
                            "Time since what the source told was current; 0 while it is",
                            source -> GatewayTables.seconds(source.getValue().age(Instant.now())),
                            Math::max)
                    .gauge(
                            "source.away",
                            null,
                            "1 while the source cannot be asked, else 0",
                            source -> EngineTable.flag(source.getValue().awaySince() != null)),
            "source",
            Map.Entry::getKey);

    private BalanceTables() {}

    private static int ready(List<EndpointStats> all) {
        int ready = 0;
        for (EndpointStats endpoint : all) {
            ready += endpoint.isReady() ? 1 : 0;
        }
        return ready;
    }

    static List<RouteStats> routes(ProfileStats stats) {
        List<RouteStats> all = new ArrayList<>(stats.routes());
        all.add(stats.defaultRoute());
        return all;
    }

    /** The label {@code route} when there is one, else all labels. */
    private static String name(RouteStats stats) {
        if (stats.route() == null) {
            return "(default)";
        }
        Map<String, String> labels = stats.route().labels();
        if (labels.isEmpty()) {
            return "(unnamed)";
        }
        String named = labels.get("route");
        return named != null
                ? named
                : labels.entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(","));
    }
}
