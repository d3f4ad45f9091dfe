package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Json;
import io.headgate.admin.internal.Resource;
import io.headgate.balance.Balancer;
import io.headgate.balance.EndpointStats;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.breaker.Ejection;
import io.headgate.gateway.Upstream;
import io.headgate.resolve.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code /endpoints}: who gets calls, with what breakers and ejections say about them. */
final class EndpointsPage {

    private final Map<String, Balancer> balancers;
    private final Map<String, Upstream> upstreams;
    private final Map<String, CircuitBreakers> breakers;
    private final Map<String, Ejection> ejections;

    EndpointsPage(Admin admin) {
        balancers = admin.balancers;
        upstreams = admin.upstreams;
        breakers = admin.breakers;
        ejections = admin.ejections;
    }

    Resource resource() {
        return Resource.of(
                        "/endpoints", "endpoints of balancers and upstreams, with load, status, breaker and ejection")
                .on("GET", this::answer);
    }

    private Answer answer(Ask ask) {
        ask.query().only();
        States states = new States(breakers, ejections);
        List<Object> balanced = new ArrayList<>();
        balancers.forEach((name, balancer) -> {
            Map<String, Object> view = new LinkedHashMap<>();
            view.put("name", name);
            view.put("status", balancer.status());
            view.put("stats", balancer.stats());
            view.put(
                    "endpoints",
                    balancer.endpoints().stream()
                            .sorted(Comparator.comparing(one -> one.endpoint().toString()))
                            .map(one -> view(one, states))
                            .toList());
            balanced.add(view);
        });
        List<Object> others = new ArrayList<>();
        upstreams.forEach((name, upstream) -> others.add(Json.object(
                "name",
                name,
                "endpoints",
                upstream.endpoints().stream()
                        .map(endpoint -> states.addTo(identity(endpoint), endpoint))
                        .toList())));
        return Answer.json(200, Json.object("balancers", balanced, "upstreams", others));
    }

    private static Map<String, Object> view(EndpointStats stats, States states) {
        Endpoint endpoint = stats.endpoint();
        Map<String, Object> view = identity(endpoint);
        view.put("weight", endpoint.weight());
        view.put("labels", endpoint.labels());
        view.put("status", stats.status());
        view.put("rank", stats.rank());
        view.put("openCalls", stats.openCalls());
        view.put("pendingCalls", stats.pendingCalls());
        view.put("latencyMs", stats.latencyMillis());
        view.put("load", stats.latencyMillis() * (stats.pendingCalls() + 1));
        return states.addTo(view, endpoint);
    }

    private static Map<String, Object> identity(Endpoint endpoint) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("endpoint", endpoint.toString());
        return view;
    }

    /** What breakers and ejections say at a moment, by address. */
    private static final class States {

        private final Map<Object, Map<String, Object>> breakers = new HashMap<>();
        private final Map<Object, Map<String, Object>> ejected = new HashMap<>();

        States(Map<String, CircuitBreakers> breakers, Map<String, Ejection> ejections) {
            breakers.forEach(
                    (name, set) -> set.stats().forEach((endpoint, stats) -> put(this.breakers, endpoint, name, stats)));
            ejections.forEach((name, set) ->
                    set.ejected().forEach(one -> put(ejected, one.endpoint(), name, Map.of("left", one.left()))));
        }

        private static void put(Map<Object, Map<String, Object>> all, Object endpoint, String name, Object state) {
            all.computeIfAbsent(key(endpoint), key -> new TreeMap<>()).put(name, state);
        }

        /** An endpoint is known by its address; its labels and weight may have changed since a stage was made for it. */
        private static Object key(Object endpoint) {
            return endpoint instanceof Endpoint known ? known.address() : endpoint;
        }

        Map<String, Object> addTo(Map<String, Object> view, Endpoint endpoint) {
            add(view, "breakers", breakers.get(endpoint.address()));
            add(view, "ejected", ejected.get(endpoint.address()));
            return view;
        }

        private static void add(Map<String, Object> view, String name, @Nullable Map<String, Object> states) {
            if (states != null) {
                view.put(name, states);
            }
        }
    }
}
