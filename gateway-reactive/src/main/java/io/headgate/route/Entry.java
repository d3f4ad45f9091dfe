package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.List;
import java.util.function.Predicate;

/** A route of a table, made ready for lookups. */
final class Entry<T> {

    final Route<T> route;
    final HostPattern host;
    final PathPattern path;
    final int position; // among the routes as declared
    private final List<String> methods;
    private final List<Predicate<HttpExchange>> checks;

    // set while the table is built
    int rank;
    List<Entry<T>> peers = List.of();

    Entry(Route<T> route, HostPattern host, PathPattern path, int position, List<Predicate<HttpExchange>> checks) {
        this.route = route;
        this.host = host;
        this.path = path;
        this.position = position;
        this.methods = List.copyOf(route.methods());
        this.checks = List.copyOf(checks);
    }

    boolean admits(HttpExchange exchange) {
        return isShared() ? weight() > 0 && matches(exchange) : matches(exchange);
    }

    private boolean matches(HttpExchange exchange) {
        if (!takesMethod(exchange.head().method())) {
            return false;
        }
        for (int i = 0; i < checks.size(); i++) {
            if (!checks.get(i).test(exchange)) {
                return false;
            }
        }
        return true;
    }

    boolean takesMethod(String method) {
        if (methods.isEmpty()) {
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
        return checks.get(condition).test(exchange);
    }

    boolean isShared() {
        return route.share() != null;
    }

    int weight() {
        Share share = route.share();
        return share == null ? 0 : share.weight();
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
