package io.headgate.metrics;

import io.headgate.balance.Balancer;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.breaker.Ejection;
import io.headgate.concurrency.Bulkhead;
import io.headgate.concurrency.ConcurrencyLimit;
import io.headgate.concurrency.LoadShedding;
import io.headgate.gateway.Gateway;
import io.headgate.health.HealthCounts;
import io.headgate.hedge.Hedge;
import io.headgate.mirror.Mirror;
import io.headgate.mux.LimitCounts;
import io.headgate.profile.ProfileRouter;
import io.headgate.ratelimit.RateLimits;
import io.headgate.resolve.SourceAges;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import io.headgate.tap.TapStats;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.Disposable;

/**
 * Shows how the engines of a gateway are: pools, balancers, breakers, budgets, queues, caches, floods, TLS, drains.
 *
 * <pre>{@code
 * EngineMetrics engines = EngineMetrics.of(registry);
 * engines.bind("edge", gateway);
 * engines.bind("orders", balancer);
 * }</pre>
 *
 * <p>All meters begin with {@code gateway.} and have the tag {@code name}; docs/engine-metrics.md has them all. They read what the
 * engines count for themselves: being bound costs a request nothing.
 *
 * <p><b>Members.</b> Meters of endpoints, listeners, routes and sources come and go with these, when a meter of the same binding is read: one
 * that has come is there for the next scrape at the latest, one that has left is gone after it. There are never more than
 * {@linkplain #withMostMembers some} for each binding; the rest is shown together as {@code (other)}, whose counters may go back when
 * somebody leaves. What is read is a tenth of a second old at most.
 *
 * <p><b>Lifetime.</b> A binding holds what it shows, and is held by the registry, until it is disposed of. What was closed goes on being
 * shown until then.
 *
 * <p><b>Threading.</b> Any thread may bind, dispose and read; who reads waits for nobody.
 *
 * <p><b>Errors.</b> Binding throws {@link IllegalArgumentException} for a name by which something of the same kind is bound already.
 */
public final class EngineMetrics {

    /** How many members of one binding have meters of their own. */
    public static final int DEFAULT_MOST_MEMBERS = 1000;

    private final MeterRegistry registry;
    private final Tags tags;
    private final int mostMembers;
    private final LongSupplier clock;
    private final Set<String> bound;

    private EngineMetrics(MeterRegistry registry, Tags tags, int mostMembers, LongSupplier clock, Set<String> bound) {
        this.registry = registry;
        this.tags = tags;
        this.mostMembers = mostMembers;
        this.clock = clock;
        this.bound = bound;
    }

    /**
     * Nothing bound yet.
     *
     * @param registry takes the meters; one object for each registry sees to it that names are not used twice
     * @return the metrics
     */
    public static EngineMetrics of(MeterRegistry registry) {
        return new EngineMetrics(
                Objects.requireNonNull(registry, "registry"),
                Tags.empty(),
                DEFAULT_MOST_MEMBERS,
                System::nanoTime,
                ConcurrentHashMap.newKeySet());
    }

    /**
     * A copy with more tags, for the same registry.
     *
     * @param more tags of all meters that are bound by it; the same keys for all bindings of a registry, as Prometheus wants
     * @return the copy
     */
    public EngineMetrics withTags(Tags more) {
        return new EngineMetrics(registry, tags.and(more), mostMembers, clock, bound);
    }

    /**
     * A copy with another bound.
     *
     * @param most how many members of one binding have meters of their own, at least 1
     * @return the copy
     */
    public EngineMetrics withMostMembers(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("mostMembers: " + most + " (expected: at least 1)");
        }
        return new EngineMetrics(registry, tags, most, clock, bound);
    }

    /** For tests: time as they like it, in nanoseconds. */
    EngineMetrics withClock(LongSupplier changed) {
        return new EngineMetrics(registry, tags, mostMembers, changed, bound);
    }

    private EngineBinding binding(String kind, String name) {
        Objects.requireNonNull(name, "name");
        String key = kind + ' ' + name + ' ' + tags;
        if (!bound.add(key)) {
            throw new IllegalArgumentException("name: " + name + " (expected: one by which no other " + kind
                    + " is bound until that is disposed of)");
        }
        EngineMeters meters = new EngineMeters(registry, tags.and("name", name), () -> bound.remove(key));
        return new EngineBinding(meters, mostMembers, clock);
    }

    // ---- the mux

    /**
     * Connections, exchanges, pools by endpoint, listeners with their TLS, the drain.
     *
     * @param name what to call it
     * @param gateway the gateway
     * @return removes its meters
     */
    public Disposable bind(String name, Gateway gateway) {
        return binding("gateway", name)
                .figures(GatewayTables.GATEWAY, gateway::stats)
                .figures(GatewayTables.DRAIN, gateway::progress)
                .figures(GatewayTables.DRAINING, gateway::isDraining)
                .members(GatewayTables.POOLS, gateway::pools)
                .members(GatewayTables.LISTENERS, gateway::listeners)
                .members(
                        GatewayTables.TLS,
                        () -> gateway.listeners().stream()
                                .filter(listener -> listener.tls() != null)
                                .toList())
                .done();
    }

    /**
     * How often clients and upstreams overstepped each limit.
     *
     * @param name what to call it
     * @param floods counts them, given to {@link io.headgate.gateway.GatewaySpec#withLimitObserver}
     * @return removes its meters
     */
    public Disposable bind(String name, LimitCounts floods) {
        return binding("limits", name)
                .figures(GatewayTables.FLOODS, () -> floods)
                .done();
    }

    // ---- where calls go

    /**
     * Endpoints by state and one by one, those who wait, the gate, updates.
     *
     * @param name what to call it
     * @param balancer the balancer
     * @return removes its meters
     */
    public Disposable bind(String name, Balancer balancer) {
        return binding("balancer", name)
                .figures(BalanceTables.BALANCER, balancer::stats)
                .members(BalanceTables.ENDPOINTS, balancer::endpoints)
                .done();
    }

    /**
     * Services by key: how many, made, closed, refused.
     *
     * @param name what to call it
     * @param services the cache
     * @return removes its meters
     */
    public Disposable bind(String name, ServiceCache<?> services) {
        return binding("cache", name)
                .figures(BalanceTables.CACHE, services::stats)
                .done();
    }

    /**
     * Whether a router has lost its source of tables, and its services.
     *
     * @param name what to call it
     * @param router the router
     * @return removes its meters
     */
    public Disposable bind(String name, Router<?> router) {
        return binding("cache", name)
                .figures(BalanceTables.CACHE, router.services()::stats)
                .figures(BalanceTables.ROUTER, () -> router.failure() != null)
                .done();
    }

    /**
     * Profiles that have come, calls without one, calls and attempts by route.
     *
     * @param name what to call it
     * @param router the router
     * @return removes its meters
     */
    public Disposable bind(String name, ProfileRouter router) {
        return binding("profile", name)
                .figures(BalanceTables.PROFILE, router::stats)
                .members(BalanceTables.ROUTES, () -> BalanceTables.routes(router.stats()))
                .done();
    }

    /**
     * For how long each source of state has been away.
     *
     * @param name what to call it
     * @param ages follow the sources
     * @return removes its meters
     */
    public Disposable bind(String name, SourceAges ages) {
        return binding("sources", name)
                .members(BalanceTables.SOURCES, () -> List.copyOf(ages.all().entrySet()))
                .done();
    }

    // ---- resilience

    /**
     * The state of a breaker and what it has done.
     *
     * @param name what to call it
     * @param breaker the breaker
     * @return removes its meters
     */
    public Disposable bind(String name, CircuitBreaker breaker) {
        return binding("breaker", name)
                .members(ResilienceTables.BREAKERS, () -> List.of(Map.entry("none", breaker.stats())))
                .done();
    }

    /**
     * The state of the breakers of a set of endpoints and what they have done.
     *
     * @param name what to call it
     * @param breakers the set
     * @return removes its meters
     */
    public Disposable bind(String name, CircuitBreakers breakers) {
        return binding("breaker", name)
                .members(
                        ResilienceTables.BREAKERS,
                        () -> List.copyOf(breakers.stats().entrySet()))
                .done();
    }

    /**
     * Endpoints that are ejected, and how often that was done.
     *
     * @param name what to call it
     * @param ejection the ejection
     * @return removes its meters
     */
    public Disposable bind(String name, Ejection ejection) {
        return binding("ejection", name)
                .figures(ResilienceTables.EJECTION, ejection::stats)
                .done();
    }

    /**
     * What health checks have found.
     *
     * @param name what to call it
     * @param counts counts it, given to {@link io.headgate.health.HealthChecks#withObserver}
     * @return removes its meters
     */
    public Disposable bind(String name, HealthCounts counts) {
        return binding("health", name)
                .figures(ResilienceTables.HEALTH, () -> counts)
                .done();
    }

    /**
     * Retries, and failures that were not tried again.
     *
     * @param name what to call it
     * @param retry the stage
     * @return removes its meters
     */
    public Disposable bind(String name, Retry retry) {
        return binding("retry", name)
                .figures(ResilienceTables.RETRY, retry::stats)
                .done();
    }

    /**
     * Retries that are left.
     *
     * @param name what to call it
     * @param budget the budget
     * @return removes its meters
     */
    public Disposable bind(String name, RetryBudget budget) {
        return binding("budget", name)
                .figures(ResilienceTables.BUDGET, budget::balance)
                .done();
    }

    /**
     * Attempts beside others.
     *
     * @param name what to call it
     * @param hedge the stage
     * @return removes its meters
     */
    public Disposable bind(String name, Hedge hedge) {
        return binding("hedge", name)
                .figures(ResilienceTables.HEDGE, hedge::stats)
                .done();
    }

    /**
     * Copies of requests and what became of them.
     *
     * @param name what to call it
     * @param mirror the stage
     * @return removes its meters
     */
    public Disposable bind(String name, Mirror mirror) {
        return binding("mirror", name)
                .figures(ResilienceTables.MIRROR, mirror::stats)
                .done();
    }

    // ---- limits

    /**
     * A limit, who is within it, who waits and who was refused.
     *
     * @param name what to call it
     * @param limit the stage
     * @return removes its meters
     */
    public Disposable bind(String name, ConcurrencyLimit limit) {
        return binding("concurrency limit", name)
                .figures(LimitTables.CONCURRENCY, limit::stats)
                .done();
    }

    /**
     * Compartments, and who was refused.
     *
     * @param name what to call it
     * @param bulkhead the stage
     * @return removes its meters
     */
    public Disposable bind(String name, Bulkhead bulkhead) {
        return binding("bulkhead", name)
                .figures(LimitTables.BULKHEAD, bulkhead::stats)
                .done();
    }

    /**
     * The limit that was found, and who was shed.
     *
     * @param name what to call it
     * @param shedding the stage
     * @return removes its meters
     */
    public Disposable bind(String name, LoadShedding shedding) {
        return binding("load shedding", name)
                .figures(LimitTables.LOAD, shedding::stats)
                .done();
    }

    /**
     * Requests that were refused by rate, and keys that are counted.
     *
     * @param name what to call it
     * @param limits the stage
     * @return removes its meters
     */
    public Disposable bind(String name, RateLimits limits) {
        return binding("rate limits", name)
                .figures(LimitTables.RATES, limits::stats)
                .done();
    }

    // ---- observation itself

    /**
     * Who taps, and what was dropped so as not to slow requests.
     *
     * @param name what to call it
     * @param tap what the tap says of itself
     * @return removes its meters
     */
    public Disposable bindTap(String name, Supplier<TapStats> tap) {
        return binding("tap", name).figures(LimitTables.TAP, tap).done();
    }

    /**
     * Lines of an access log that were dropped so as not to slow requests.
     *
     * @param name what to call it
     * @param dropped how many so far
     * @return removes its meters
     */
    public Disposable bindAccessLog(String name, LongSupplier dropped) {
        return binding("access log", name)
                .figures(LimitTables.ACCESS_LOG, dropped::getAsLong)
                .done();
    }
}
