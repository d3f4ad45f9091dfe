package io.headgate.metrics;

import io.headgate.function.api.ApiObserver;
import io.headgate.function.async.AsyncObserver;
import io.headgate.function.async.CallStore;
import io.headgate.function.dispatch.DispatchObserver;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.invoke.InvocationObserver;
import io.headgate.function.log.SyslogStats;
import io.headgate.function.store.StoreObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Shows how functions do, under the names of the Fn server where it has one: calls and their phases, cold and warm; instances by
 * state; the budget; the API; recorded calls; syslog.
 *
 * <pre>{@code
 * FunctionMetrics metrics = FunctionMetrics.of(registry);
 * FunctionAgent agent = FunctionAgent.builder(dispatch)
 *         .observer(metrics.calls())
 *         .dispatchObserver(metrics.instances())
 *         ...
 * metrics.bindDispatch(agent::stats);
 * }</pre>
 *
 * <p>All meters begin with {@code fn.}; docs/function-metrics.md has them all. Those of functions have the tags {@code app_id} and {@code fn_id},
 * and come with the first call or instance. There are never more than {@linkplain #DEFAULT_MOST_FUNCTIONS some}: a function that nothing has
 * happened to for a minute or two makes room for another, and the rest is shown together as {@code _OTHER}.
 *
 * <p><b>Lifetime.</b> {@link #close} takes all meters out of the registry; what is observed later is shown nowhere.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks. What is observed of a function adds to counters that are found without a
 * lock.
 */
public final class FunctionMetrics implements AutoCloseable {

    /** How many functions have series of their own: with their buckets some 150 each. */
    public static final int DEFAULT_MOST_FUNCTIONS = 250;

    private final MeterRegistry registry;
    private final Tags tags;
    private final LongSupplier nanos;
    private final Clock clock;
    private final int mostFunctions;
    private final FunctionMeters meters;
    private final FunctionCalls calls;
    private final FunctionInstances instances;
    private final FunctionApi api;
    private final FunctionAsync async;
    private final FunctionStores store;
    private final Disposable.Composite bound = Disposables.composite();

    private FunctionMetrics(MeterRegistry registry, Tags tags, int mostFunctions, LongSupplier nanos, Clock clock) {
        this.registry = registry;
        this.tags = tags;
        this.nanos = nanos;
        this.clock = clock;
        this.mostFunctions = mostFunctions;
        meters = new FunctionMeters(registry, tags);
        calls = new FunctionCalls(meters, mostFunctions, nanos);
        instances = new FunctionInstances(meters, mostFunctions, nanos);
        api = new FunctionApi(meters);
        async = new FunctionAsync(meters, clock);
        store = new FunctionStores(meters);
    }

    /**
     * Metrics of functions.
     *
     * @param registry takes the meters; stays the caller's to close
     * @return new metrics
     */
    public static FunctionMetrics of(MeterRegistry registry) {
        return of(registry, Tags.empty(), DEFAULT_MOST_FUNCTIONS);
    }

    /**
     * Metrics of functions.
     *
     * @param registry takes the meters; stays the caller's to close
     * @param tags more tags of all meters; the same keys for all metrics of a registry, as Prometheus wants
     * @param mostFunctions how many functions have series of their own, at least 1
     * @return new metrics
     */
    public static FunctionMetrics of(MeterRegistry registry, Tags tags, int mostFunctions) {
        return of(registry, tags, mostFunctions, System::nanoTime, Clock.systemUTC());
    }

    /** For tests: time as they like it. */
    static FunctionMetrics of(MeterRegistry registry, Tags tags, int mostFunctions, LongSupplier nanos, Clock clock) {
        Objects.requireNonNull(registry, "registry");
        if (mostFunctions < 1) {
            throw new IllegalArgumentException("mostFunctions: " + mostFunctions + " (expected: at least 1)");
        }
        return new FunctionMetrics(registry, tags, mostFunctions, nanos, clock);
    }

    // ---- what observes

    /**
     * Calls: how many wait and run, how they end, the time of their phases.
     *
     * @return the observer for whoever invokes functions
     */
    public InvocationObserver calls() {
        return calls;
    }

    /**
     * Instances: how long they are in each state, how long their starts take, evictions.
     *
     * @return the observer for the dispatcher
     */
    public DispatchObserver instances() {
        return instances;
    }

    /**
     * Requests to the HTTP API.
     *
     * @return the observer for the API
     */
    public ApiObserver api() {
        return api;
    }

    /**
     * Recorded calls that this process accepts and runs.
     *
     * @return the observer for asynchronous calls
     */
    public AsyncObserver async() {
        return async;
    }

    /**
     * Operations of the store of functions.
     *
     * @return the observer for {@link io.headgate.function.store.ObservedStore}
     */
    public StoreObserver store() {
        return store;
    }

    // ---- what is asked

    private EngineBinding binding() {
        return new EngineBinding(new EngineMeters(registry, tags, () -> {}), mostFunctions, nanos);
    }

    private Disposable keep(Disposable binding) {
        bound.add(binding);
        return () -> {
            if (bound.remove(binding)) {
                binding.dispose();
            }
        };
    }

    /**
     * Memory and CPU that are used and left, instances by state, calls that wait. Once for each set of tags.
     *
     * @param stats what a dispatcher says of itself
     * @return removes the meters
     */
    public Disposable bindDispatch(Supplier<DispatchStats> stats) {
        return keep(binding()
                .figures(FunctionTables.DISPATCH, stats)
                .members(FunctionTables.QUEUES, () -> stats.get().queues())
                .done());
    }

    /**
     * Recorded calls that are to be done, those of other processes included. A scrape shows what the store said when it was asked for
     * the scrape before, and asks it at most every five seconds.
     *
     * @param store the store
     * @return removes the meters
     */
    public Disposable bindCalls(CallStore store) {
        FunctionBacklog backlog = new FunctionBacklog(Objects.requireNonNull(store, "store"), nanos);
        Disposable meters = binding()
                .figures(FunctionTables.BACKLOG, backlog)
                .figures(FunctionTables.oldest(clock), backlog)
                .done();
        return keep(Disposables.composite(backlog, meters));
    }

    /**
     * Lines that were shipped to syslog servers, and those that were dropped.
     *
     * @param stats what the logs of functions say, {@code logs::syslog}
     * @return removes the meters
     */
    public Disposable bindSyslog(Supplier<List<SyslogStats>> stats) {
        return keep(binding().members(FunctionTables.SYSLOG, stats).done());
    }

    /** Takes all meters out of the registry. */
    @Override
    public void close() {
        meters.close(); // first: nobody joins any more
        bound.dispose();
        calls.close();
        instances.close();
    }

    @Override
    public String toString() {
        return "function metrics " + tags;
    }
}
