package io.headgate.route;

import io.headgate.http.HttpExchange;
import io.headgate.http.RequestSyntax;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes a table of routes; what is wrong with one leaves the others alone. */
final class RouteCompiler<T> {

    /** All that decides about a match, but for shares: routes that have the same are in conflict. */
    private record Match(HostPattern host, PathPattern.Shape path, Set<String> methods, Set<Condition> conditions) {}

    /** Where routes of a group are. */
    private record Place(HostPattern host, PathPattern.Shape path, String group) {}

    private final RouteOrder order;
    private final Checks checks;
    private final List<Entry<T>> entries = new ArrayList<>();
    private final List<RouteProblem> problems = new ArrayList<>();
    private final HostIndex<T> index = new HostIndex<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final Map<Match, Entry<T>> matches = new HashMap<>();
    private final Map<PathMatch, PathPattern> patterns = new HashMap<>(); // hosts often have the same paths

    RouteCompiler(RouteOrder order, Clock clock) {
        this.order = order;
        this.checks = new Checks(clock);
    }

    RouteTable.Checked<T> compile(List<Route<T>> routes, Draw draw) {
        for (int i = 0; i < routes.size(); i++) {
            try {
                add(routes.get(i), i);
            } catch (IllegalArgumentException e) {
                problems.add(new RouteProblem(routes.get(i).name(), i, String.valueOf(e.getMessage())));
            }
        }
        rank();
        group();
        for (int i = entries.size() - 1; i >= 0; i--) {
            index.add(entries.get(i)); // the last first: each goes to the head of its list
        }
        return new RouteTable.Checked<>(new RouteTable<>(entries, index, shadowed(), draw), problems);
    }

    private void add(Route<T> route, int position) {
        Integer namesake = names.get(route.name());
        if (route.name().isBlank() || namesake != null) {
            throw new IllegalArgumentException("name: " + route.name()
                    + (namesake == null
                            ? " (expected: not blank)"
                            : " (expected: not that of route number " + (namesake + 1) + ")"));
        }
        Entry<T> entry = entry(route, position);
        Match match = new Match(entry.host, entry.path.shape(), route.methods(), Set.copyOf(route.conditions()));
        Entry<T> rival = matches.get(match);
        if (rival != null && !sameGroup(route, rival.route)) {
            throw new IllegalArgumentException("matches the very same as route " + rival.route.name()
                    + " (expected: something else, or shares of one group for both)");
        }
        index.grow(entry);
        entries.add(entry);
        names.put(route.name(), position);
        matches.putIfAbsent(match, entry);
    }

    private static boolean sameGroup(Route<?> one, Route<?> other) {
        Share share = one.share();
        return share != null
                && other.share() != null
                && share.group().equals(other.share().group());
    }

    private Entry<T> entry(Route<T> route, int position) {
        for (String method : route.methods()) {
            if (!RequestSyntax.isMethod(method)) {
                throw new IllegalArgumentException("method: " + Texts.printable(method) + " (expected: a token)");
            }
        }
        List<Predicate<HttpExchange>> tests =
                route.conditions().stream().map(checks::of).toList();
        PathPattern path = patterns.computeIfAbsent(route.path(), PathPattern::of);
        return new Entry<>(route, HostPattern.of(route.host()), path, position, tests);
    }

    private void rank() {
        Comparator<Entry<T>> declared = Comparator.comparingInt(entry -> entry.position);
        if (order == RouteOrder.DECLARED) {
            entries.sort(declared);
        } else {
            Map<PathPattern.Shape, String> ranks = new HashMap<>();
            Comparator<Entry<T>> hosts = (a, b) -> a.host.compareSpecificity(b.host);
            entries.sort(
                    hosts.thenComparing(entry -> ranks.computeIfAbsent(entry.path.shape(), PathPattern.Shape::rank))
                            .thenComparingInt(entry -> methodCount(entry.route))
                            .thenComparingInt(entry -> -entry.route.conditions().size())
                            .thenComparing(declared));
        }
        for (int i = 0; i < entries.size(); i++) {
            entries.get(i).rank = i;
        }
    }

    private static int methodCount(Route<?> route) {
        return route.methods().isEmpty() ? Integer.MAX_VALUE : route.methods().size();
    }

    private void group() {
        Map<Place, List<Entry<T>>> groups = new HashMap<>();
        for (Entry<T> entry : entries) {
            Share share = entry.route.share();
            if (share != null) {
                entry.peers = groups.computeIfAbsent(
                        new Place(entry.host, entry.path.shape(), share.group()), place -> new ArrayList<>());
                entry.peers.add(entry);
            }
        }
        // by declaration, so that a weight that changes moves as few as it can
        groups.values().forEach(peers -> peers.sort(Comparator.comparingInt(entry -> entry.position)));
    }

    private List<Shadowed> shadowed() {
        List<Shadowed> shadowed = new ArrayList<>();
        for (Entry<T> entry : entries) {
            Entry<T> by = shadow(entry);
            if (by != null) {
                shadowed.add(new Shadowed(entry.route.name(), by.route.name()));
            }
        }
        return shadowed;
    }

    private @Nullable Entry<T> shadow(Entry<T> entry) {
        Shadow<T> shadow = new Shadow<>(entry);
        index.covering(entry.host, entry.path.shape(), shadow::consider);
        return shadow.first;
    }

    /** The first route that takes all that another one matches. */
    private static final class Shadow<T> {

        private final Entry<T> entry;
        private @Nullable Entry<T> first;

        Shadow(Entry<T> entry) {
            this.entry = entry;
        }

        void consider(Entry<T> other) {
            int before = first == null ? entry.rank : first.rank;
            if (other.rank < before && !other.isShared() && covers(other)) {
                first = other;
            }
        }

        private boolean covers(Entry<T> other) {
            Route<T> wide = other.route;
            Route<T> narrow = entry.route;
            return other.host.covers(entry.host)
                    && (wide.methods().isEmpty()
                            || !narrow.methods().isEmpty() && wide.methods().containsAll(narrow.methods()))
                    && wide.conditions().stream()
                            .allMatch(condition -> narrow.conditions().stream()
                                    .anyMatch(stronger -> Checks.implies(stronger, condition)));
        }
    }
}
