package io.headgate.route;

import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Routes, compiled: it finds the route for an exchange.
 *
 * <pre>{@code
 * RouteTable<String> table = RouteTable.<String>builder()
 *         .add(Route.of("user", "users").withHost("api.example.org").withPath("/users/{id}"))
 *         .add(Route.of("site", "web").withHost("*.example.org").withPathPrefix("/"))
 *         .build();
 * }</pre>
 *
 * <p>A lookup hashes the host, walks the labels of the host and the segments of the path, and tests the methods and
 * conditions of the routes it comes to. Its time depends on the request and not on how many routes there are; only routes of
 * the same host and path are tested one after another. It makes no objects, but for what conditions need.
 *
 * <p>Immutable; any thread may ask. Conditions and draws see what they are given to see, and what they throw a lookup throws.
 *
 * @param <T> what routes are for
 */
public final class RouteTable<T> implements Recognizer<T> {

    private final List<Entry<T>> entries; // by rank
    private final HostIndex<T> index;
    private final List<Shadowed> shadowed;
    private final Draw draw;

    RouteTable(List<Entry<T>> entries, HostIndex<T> index, List<Shadowed> shadowed, Draw draw) {
        this.entries = List.copyOf(entries);
        this.index = index;
        this.shadowed = List.copyOf(shadowed);
        this.draw = draw;
    }

    /**
     * Collects routes.
     *
     * @param <T> what routes are for
     * @return a builder without routes
     */
    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /**
     * Finds the route for an exchange.
     *
     * @param exchange the exchange
     * @return the route, or null when none matches
     */
    public @Nullable Route<T> find(HttpExchange exchange) {
        Entry<T> found = lookup(exchange);
        return found == null ? null : found.route;
    }

    /**
     * Finds what an exchange is for.
     *
     * @param exchange the exchange
     * @return the value of the route, and the exchange with {@link PathParameters} when the path of the route has some; null
     *     when no route matches
     */
    @Override
    public @Nullable Recognized<T> recognize(HttpExchange exchange) {
        Entry<T> found = lookup(exchange);
        if (found == null) {
            return null;
        }
        ExchangeNotes.note(exchange, Route.KEY, found.route);
        PathPattern path = found.path;
        return new Recognized<>(
                found.route.value(),
                path.names().isEmpty()
                        ? exchange
                        : exchange.withAttribute(
                                PathParameters.KEY, path.capture(exchange.head().target())));
    }

    private @Nullable Entry<T> lookup(HttpExchange exchange) {
        Entry<T> found = index.find(exchange);
        return found == null || !found.isShared() ? found : found.drawn(exchange, draw);
    }

    /**
     * Says for each route why it matches an exchange or not. For people: it looks at every route, and the draw of shares is
     * made anew.
     *
     * @param exchange the exchange
     * @return what was found, and why
     */
    public Explanation<T> explain(HttpExchange exchange) {
        Entry<T> chosen;
        try {
            chosen = lookup(exchange);
        } catch (RuntimeException e) {
            chosen = null; // the verdict on that route says so
        }
        return new Explainer<>(exchange, chosen).explain(entries);
    }

    /**
     * The routes in the order of precedence.
     *
     * @return an immutable list
     */
    public List<Route<T>> routes() {
        return entries.stream().map(entry -> entry.route).toList();
    }

    /**
     * The routes that can never be found, as far as that is plain to see: what code, patterns and times say of each other is
     * not looked into.
     *
     * @return one for each such route, with the first that takes its place
     */
    public List<Shadowed> shadowed() {
        return shadowed;
    }

    @Override
    public String toString() {
        return entries.size() + " routes";
    }

    /**
     * A table, and the routes that are not in it.
     *
     * @param table of all routes that are right
     * @param problems what is wrong with the others
     * @param <T> what routes are for
     */
    public record Checked<T>(RouteTable<T> table, List<RouteProblem> problems) {

        /** Copies the list. */
        public Checked {
            Objects.requireNonNull(table, "table");
            problems = List.copyOf(problems);
        }
    }

    /**
     * Collects routes, and makes a table of them. Not for use by several threads at once.
     *
     * @param <T> what routes are for
     */
    public static final class Builder<T> {

        private final List<Route<T>> routes = new ArrayList<>();
        private RouteOrder order = RouteOrder.MOST_SPECIFIC;
        private Clock clock = Clock.systemUTC();
        private Draw draw = Draw.random();

        private Builder() {}

        /**
         * Adds a route after the others.
         *
         * @param route the route
         * @return this
         */
        public Builder<T> add(Route<T> route) {
            routes.add(Objects.requireNonNull(route, "route"));
            return this;
        }

        /**
         * Adds routes after the others.
         *
         * @param more the routes, in order
         * @return this
         */
        public Builder<T> addAll(Iterable<Route<T>> more) {
            more.forEach(this::add);
            return this;
        }

        /**
         * Sets which of several matching routes is found; {@link RouteOrder#MOST_SPECIFIC} unless set.
         *
         * @param changed the order
         * @return this
         */
        public Builder<T> order(RouteOrder changed) {
            order = Objects.requireNonNull(changed, "order");
            return this;
        }

        /**
         * Sets what time it is for conditions; the clock of the system unless set.
         *
         * @param changed the clock
         * @return this
         */
        public Builder<T> clock(Clock changed) {
            clock = Objects.requireNonNull(changed, "clock");
            return this;
        }

        /**
         * Sets how lots are drawn for shares; {@link Draw#random} unless set.
         *
         * @param changed the draw
         * @return this
         */
        public Builder<T> draw(Draw changed) {
            draw = Objects.requireNonNull(changed, "draw");
            return this;
        }

        /**
         * Makes the table.
         *
         * @return the table
         * @throws InvalidRoutesException when a route is wrong, or can never be found because another one matches the very
         *     same; it names all of them
         */
        public RouteTable<T> build() {
            Checked<T> checked = buildValid();
            if (!checked.problems().isEmpty()) {
                throw new InvalidRoutesException(checked.problems());
            }
            return checked.table();
        }

        /**
         * Makes a table of the routes that are right, each judged by itself; of two in conflict the first is right.
         *
         * @return the table, and what is wrong with the others
         */
        public Checked<T> buildValid() {
            return new RouteCompiler<T>(order, clock).compile(routes, draw);
        }
    }
}
