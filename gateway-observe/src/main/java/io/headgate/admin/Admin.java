package io.headgate.admin;

import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.balance.Balancer;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.breaker.Ejection;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Upstream;
import io.headgate.profile.ProfileRouter;
import io.headgate.route.Recognizer;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import io.headgate.tap.TapSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What an {@link AdminServer} shows. Nothing is found by itself: what was not named here is not there. Immutable.
 *
 * <pre>{@code
 * Admin admin = Admin.builder()
 *         .gateway(gateway)
 *         .stack("orders", stack)
 *         .routes("public", router)
 *         .balancer("orders", balancer)
 *         .tap("inbound", tap)
 *         .metrics(prometheus::scrape)
 *         .ready("orders", balancer)
 *         .build();
 * }</pre>
 */
public final class Admin {

    final @Nullable Gateway gateway;
    final @Nullable Scrape metrics;
    final LogLevels logLevels;
    final Map<String, Supplier<String>> stacks;
    final Map<String, Supplier<? extends @Nullable Recognizer<?>>> routes;
    final Map<String, ProfileRouter> profiles;
    final Map<String, Balancer> balancers;
    final Map<String, Upstream> upstreams;
    final Map<String, CircuitBreakers> breakers;
    final Map<String, Ejection> ejections;
    final Map<String, Supplier<DispatchStats>> functions;
    final Map<String, TapSource> taps;
    final Map<String, Supplier<?>> figures;
    final Map<String, Mono<String>> checks;

    private Admin(Builder from) {
        gateway = from.gateway;
        metrics = from.metrics;
        logLevels = from.logLevels == null ? LogLevels.detect() : from.logLevels;
        stacks = copy(from.stacks);
        routes = copy(from.routes);
        profiles = copy(from.profiles);
        balancers = copy(from.balancers);
        upstreams = copy(from.upstreams);
        breakers = copy(from.breakers);
        ejections = copy(from.ejections);
        functions = copy(from.functions);
        taps = copy(from.taps);
        figures = copy(from.figures);
        checks = copy(from.checks);
    }

    private static <V> Map<String, V> copy(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map)); // in the order of the code
    }

    /**
     * Collects what is to be shown.
     *
     * @return a builder of nothing yet
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects what is to be shown. Names are unique among things of a kind. Not for use by several threads at once. */
    public static final class Builder {

        private final Map<String, Supplier<String>> stacks = new LinkedHashMap<>();
        private final Map<String, Supplier<? extends @Nullable Recognizer<?>>> routes = new LinkedHashMap<>();
        private final Map<String, ProfileRouter> profiles = new LinkedHashMap<>();
        private final Map<String, Balancer> balancers = new LinkedHashMap<>();
        private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
        private final Map<String, CircuitBreakers> breakers = new LinkedHashMap<>();
        private final Map<String, Ejection> ejections = new LinkedHashMap<>();
        private final Map<String, Supplier<DispatchStats>> functions = new LinkedHashMap<>();
        private final Map<String, TapSource> taps = new LinkedHashMap<>();
        private final Map<String, Supplier<?>> figures = new LinkedHashMap<>();
        private final Map<String, Mono<String>> checks = new LinkedHashMap<>();
        private @Nullable Gateway gateway;
        private @Nullable Scrape metrics;
        private @Nullable LogLevels logLevels;

        private Builder() {}

        private <V> Builder put(Map<String, V> map, String name, V value) {
            if (name.isBlank() || map.putIfAbsent(name, Objects.requireNonNull(value, name)) != null) {
                throw new IllegalArgumentException("name: " + name + " (expected: one that is not there yet)");
            }
            return this;
        }

        /**
         * The gateway: its pools and figures are shown, it can be drained, and it is ready while a port of it is open and it is not
         * draining.
         *
         * @param shown the gateway
         * @return this
         */
        public Builder gateway(Gateway shown) {
            gateway = Objects.requireNonNull(shown, "gateway");
            return this;
        }

        /**
         * A stack.
         *
         * @param name its name
         * @param shown is described
         * @return this
         */
        public Builder stack(String name, Stack<?, ?, ?> shown) {
            Objects.requireNonNull(shown, "stack");
            return put(stacks, name, shown::describe);
        }

        /**
         * A service that a stack or stages have made.
         *
         * @param name its name
         * @param shown is described
         * @return this
         */
        public Builder stack(String name, Service<?, ?> shown) {
            Objects.requireNonNull(shown, "service");
            return put(stacks, name, shown::describe);
        }

        /**
         * Routes that stay.
         *
         * @param name their name
         * @param shown the table
         * @return this
         */
        public Builder routes(String name, RouteTable<?> shown) {
            Objects.requireNonNull(shown, "table");
            return put(routes, name, () -> shown);
        }

        /**
         * The routes of a router, as they are at the time.
         *
         * @param name their name
         * @param shown the router
         * @return this
         */
        public Builder routes(String name, Router<?> shown) {
            return put(routes, name, shown::table);
        }

        /**
         * The routes of a profile, as they are at the time.
         *
         * @param name their name
         * @param shown the router
         * @return this
         */
        public Builder profile(String name, ProfileRouter shown) {
            return put(profiles, name, shown);
        }

        /**
         * A balancer, with its endpoints.
         *
         * @param name its name
         * @param shown the balancer
         * @return this
         */
        public Builder balancer(String name, Balancer shown) {
            return put(balancers, name, shown);
        }

        /**
         * An upstream, with its endpoints.
         *
         * @param name its name
         * @param shown the upstream
         * @return this
         */
        public Builder upstream(String name, Upstream shown) {
            return put(upstreams, name, shown);
        }

        /**
         * Circuit breakers, which are shown with the endpoints that they are for.
         *
         * @param name their name
         * @param shown the breakers
         * @return this
         */
        public Builder breakers(String name, CircuitBreakers shown) {
            return put(breakers, name, shown);
        }

        /**
         * An ejection, which is shown with the endpoints that it has ejected.
         *
         * @param name its name
         * @param shown the ejection
         * @return this
         */
        public Builder ejection(String name, Ejection shown) {
            return put(ejections, name, shown);
        }

        /**
         * Functions: who waits for instances, which instances there are, and what is left for more.
         *
         * @param name their name
         * @param shown what their dispatcher says of itself, such as {@code agent::stats}
         * @return this
         */
        public Builder functions(String name, Supplier<DispatchStats> shown) {
            return put(functions, name, shown);
        }

        /**
         * A tap, which can be observed. With one alone its name needs not be said.
         *
         * @param name its name
         * @param shown the tap
         * @return this
         */
        public Builder tap(String name, TapSource shown) {
            return put(taps, name, shown);
        }

        /**
         * Figures of anything, such as {@code retry::stats}.
         *
         * @param name their name
         * @param shown makes what becomes JSON: a record, a map, a list, a number or a text. Called on threads of the admin server,
         *     by several at once
         * @return this
         */
        public Builder figures(String name, Supplier<?> shown) {
            return put(figures, name, shown);
        }

        /**
         * The metrics.
         *
         * @param scrape writes them, such as {@code prometheusMeterRegistry::scrape}
         * @return this
         */
        public Builder metrics(Scrape scrape) {
            metrics = Objects.requireNonNull(scrape, "scrape");
            return this;
        }

        /**
         * Something without which the process is not ready.
         *
         * @param name its name
         * @param reason is subscribed whenever somebody asks, on a thread that may block; empty when all is well, or else why not. A
         *     failure is a reason, and so is no answer within 900 ms
         * @return this
         */
        public Builder ready(String name, Mono<String> reason) {
            return put(checks, name, reason);
        }

        /**
         * A service without which the process is not ready.
         *
         * @param name its name
         * @param needed is asked for its status
         * @return this
         */
        public Builder ready(String name, Service<?, ?> needed) {
            Objects.requireNonNull(needed, "service");
            return ready(
                    name,
                    Mono.fromSupplier(needed::status)
                            .filter(status -> status != Service.Status.OPEN)
                            .map(status -> "status: " + status + " (expected: OPEN)"));
        }

        /**
         * The levels of loggers; {@link LogLevels#detect} unless set.
         *
         * @param levels shows and changes them
         * @return this
         */
        public Builder logLevels(LogLevels levels) {
            logLevels = Objects.requireNonNull(levels, "levels");
            return this;
        }

        /**
         * What was collected.
         *
         * @return an immutable copy
         */
        public Admin build() {
            return new Admin(this);
        }
    }
}
