package io.headgate.samples;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.gateway.Gateway;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointSet;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.SourceAges.Age;
import io.headgate.resolve.Update.Departure;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.samples.EndpointRow.State;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** A name whose endpoints are followed: retries, a balancer, a breaker for each endpoint, and what is known of each. */
final class Followed implements AutoCloseable {

    /** By least pending calls, so that slow endpoints get calls, too, and have something to show in the table. */
    private static final BalancerSettings SETTINGS = BalancerSettings.DEFAULTS.withStrategy(Strategy.leastPending());

    private static final String LAYOUT = "%-20s %-20s %-9s %7s %9s %9s %9s  %s";

    private final String name;
    private final SourceAges ages;
    private final Function<InetSocketAddress, String> names;
    private final Consumer<String> news;
    private final Map<String, EndpointRow> rows = new ConcurrentSkipListMap<>();
    private final EndpointSet set = new EndpointSet();
    private final Stack<Endpoint, HttpExchange, HttpReply> each;
    private final Balancer balancer;
    private final Service<HttpExchange, HttpReply> service;
    private final Disposable subscription;

    /**
     * Follows from now on.
     *
     * @param gateway connects to endpoints
     * @param name what is resolved
     * @param source finds it, and tells the ages whether that is current
     * @param ages of the source
     * @param names what endpoints are called
     * @param news is told of changes, on any thread; must not block
     */
    Followed(
            Gateway gateway,
            String name,
            Resolver source,
            SourceAges ages,
            Function<InetSocketAddress, String> names,
            Consumer<String> news) {
        this.name = name;
        this.ages = ages;
        this.names = names;
        this.news = news;
        each = Stack.of(gateway.endpoints())
                .pushFor(Role.of("breaker"), "above the endpoint alone", endpoint -> CircuitBreaker.create());
        Resolver shared = source.shared();
        subscription = shared.resolve(name).subscribe(update -> set.apply(update, new Presence()));
        balancer = Balancer.create(shared.resolve(name), this::open, SETTINGS);
        RetryBudget budget = RetryBudget.of(BudgetSettings.DEFAULTS);
        service = Retry.of(RetryPolicy.DEFAULTS, budget).wrap(balancer);
    }

    Service<HttpExchange, HttpReply> service() {
        return service;
    }

    private Service<HttpExchange, HttpReply> open(Endpoint endpoint) {
        return row(endpoint).open(each.make(endpoint));
    }

    private EndpointRow row(Endpoint endpoint) {
        String called = names.apply(endpoint.address());
        return rows.computeIfAbsent(called, key -> new EndpointRow(key + "  " + endpoint, () -> tellChange(key)));
    }

    /** What the set says; the balancer has a subscription of its own. */
    private final class Presence implements EndpointSet.Changes {

        @Override
        public void put(Endpoint endpoint, @Nullable Endpoint before) {
            row(endpoint).present(true);
        }

        @Override
        public void left(Endpoint endpoint, Departure departure) {
            row(endpoint).present(false);
        }
    }

    private void tellChange(String called) {
        EndpointRow row = rows.get(called);
        State before = row == null ? null : row.showChange();
        if (row != null && before != null) {
            news.accept("     " + name + "  " + row.name() + "  " + text(before) + " -> " + text(row.state()));
        }
    }

    /** The lines of the table. Changes that nobody reports, as of a breaker, are told on the way. */
    List<String> table() {
        rows.keySet().forEach(this::tellChange);
        return rows.values().stream().map(this::line).toList();
    }

    static String heading() {
        return String.format(LAYOUT, "name", "endpoint", "state", "calls", "failures", "p50", "p99", "source");
    }

    private String line(EndpointRow row) {
        CallFigures figures = row.figures();
        return String.format(
                LAYOUT,
                name,
                row.name().replace("http://127.0.0.1", ""),
                text(row.state()),
                figures.calls(),
                figures.failures(),
                figures.latencies().percentile(50),
                figures.latencies().percentile(99),
                age());
    }

    private String age() {
        Age age = ages.of(name);
        if (age == null) {
            return "unknown";
        }
        Duration away = age.age(Instant.now());
        return age.isCurrent() ? "current" : String.format(Locale.ROOT, "away for %.1f s", away.toMillis() / 1e3);
    }

    private static String text(State state) {
        return state.toString().toLowerCase(Locale.ROOT);
    }

    // ---- for those who wait

    boolean isCurrent() {
        Age age = ages.of(name);
        return age != null && age.isCurrent();
    }

    boolean isAway() {
        Age age = ages.of(name);
        return age != null && age.awaySince() != null;
    }

    /** Whether those and no others are in the set, ready or failing. */
    boolean consistsOf(String... called) {
        return in(State.READY, State.FAILING).equals(new TreeSet<>(List.of(called)));
    }

    boolean is(String called, State state) {
        return in(state).contains(called);
    }

    long calls(String called) {
        EndpointRow row = rows.get(called);
        return row == null ? 0 : row.figures().calls();
    }

    long failures(String called) {
        EndpointRow row = rows.get(called);
        return row == null ? 0 : row.figures().failures();
    }

    private Set<String> in(State... states) {
        return rows.entrySet().stream()
                .filter(row -> List.of(states).contains(row.getValue().state()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        subscription.dispose();
        balancer.closeAsync(Duration.ofSeconds(1)).block();
    }
}
