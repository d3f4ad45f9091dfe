package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A route of a table, made ready for lookups. */
final class Entry<T> {

    private static final int UNSHARED = -1;

    final Route<T> route;
    final HostPattern host;
    final PathPattern path;
    final int position; // among the routes as declared
    private final int weight; // or UNSHARED
    private final @Nullable List<String> methods; // null for all
    private final @Nullable List<Predicate<HttpExchange>> checks; // null for none

    // set while the table is built
    int rank;

    @Nullable Entry<T> next; // of the same host and path, with a higher rank

    List<Entry<T>> peers = List.of();

    Entry(Route<T> route, HostPattern host, PathPattern path, int position, List<Predicate<HttpExchange>> checks) {
        this.route = route;
        this.host = host;
        this.path = path;
        this.position = position;
        Share share = route.share();
        this.weight = share == null ? UNSHARED : share.weight();
        this.methods = route.methods().isEmpty() ? null : List.copyOf(route.methods());
        this.checks = checks.isEmpty() ? null : List.copyOf(checks);
    }

    boolean admits(HttpExchange exchange) {
        return weight != 0
                && (methods == null || takesMethod(exchange.head().method()))
                && (checks == null || passes(checks, exchange));
    }

    private static boolean passes(List<Predicate<HttpExchange>> checks, HttpExchange exchange) {
        for (int i = 0; i < checks.size(); i++) {
            if (!checks.get(i).test(exchange)) {
                return false;
            }
        }
        return true;
    }

    boolean takesMethod(String method) {
        if (methods == null) {
            return true;
        }
        for (int i = 0; i < methods.size(); i++) {
            if (methods.get(i).equals(method)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the condition of a number holds, in the order of the route. */
    boolean holds(int condition, HttpExchange exchange) {
        return checks == null || checks.get(condition).test(exchange);
    }

    boolean isShared() {
        return weight != UNSHARED;
    }

    int weight() {
        return weight;
    }

    /** Puts an entry into a list of those of the same host and path, by rank. */
    static <T> Entry<T> insert(Entry<T> entry, @Nullable Entry<T> list) {
        if (list == null || entry.rank < list.rank) {
            entry.next = list;
            return entry;
        }
        Entry<T> before = list;
        for (Entry<T> after = list.next; after != null && after.rank < entry.rank; after = after.next) {
            before = after;
        }
        entry.next = before.next;
        before.next = entry;
        return list;
    }

    /** The first of a list that matches, if it is better than what was found before. */
    static <T> @Nullable Entry<T> first(@Nullable Entry<T> list, HttpExchange exchange, @Nullable Entry<T> best) {
        for (Entry<T> entry = list; entry != null; entry = entry.next) {
            if (best != null && best.rank <= entry.rank) {
                return best;
            }
            if (entry.admits(exchange)) {
                return entry;
            }
        }
        return best;
    }

    /** This, or the one of its group that the draw falls on: of those that match. */
    Entry<T> drawn(HttpExchange exchange, Draw draw) {
        Share share = route.share();
        if (share == null || peers.size() < 2) {
            return this;
        }
        long total = 0;
        for (int i = 0; i < peers.size(); i++) {
            Entry<T> peer = peers.get(i);
            total += peer.admits(exchange) ? peer.weight() : 0;
        }
        double left = draw.draw(exchange, share.group()) * total;
        for (int i = 0; i < peers.size(); i++) {
            Entry<T> peer = peers.get(i);
            if (peer.admits(exchange)) {
                left -= peer.weight();
                if (left < 0) {
                    return peer;
                }
            }
        }
        return this;
    }
}
