package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Resource;
import io.headgate.balance.Balancer;
import io.headgate.balance.EndpointStats;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.breaker.EjectedEndpoint;
import io.headgate.breaker.Ejection;
import io.headgate.gateway.Upstream;
import io.headgate.resolve.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
        upstreams.forEach((name, upstream) -> others.add(Map.of(
                "name",
                name,
                "endpoints",
                upstream.endpoints().stream()
                        .map(endpoint -> states.addTo(identity(endpoint), endpoint))
                        .toList())));
        return Answer.json(200, Map.of("balancers", balanced, "upstreams", others));
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

    /** What breakers and ejections say at a moment. */
    private static final class States {

        private final Map<String, Map<Object, ?>> breakers = new LinkedHashMap<>();
        private final Map<String, List<EjectedEndpoint>> ejected = new LinkedHashMap<>();

        States(Map<String, CircuitBreakers> breakers, Map<String, Ejection> ejections) {
            breakers.forEach((name, set) -> this.breakers.put(name, set.stats()));
            ejections.forEach((name, set) -> ejected.put(name, set.ejected()));
        }

        Map<String, Object> addTo(Map<String, Object> view, Endpoint endpoint) {
            Map<String, Object> found = new TreeMap<>();
            breakers.forEach((name, set) -> set.forEach((key, stats) -> {
                if (isSame(key, endpoint)) {
                    found.put(name, stats);
                }
            }));
            Map<String, Object> out = new TreeMap<>();
            ejected.forEach((name, set) -> set.forEach(one -> {
                if (isSame(one.endpoint(), endpoint)) {
                    out.put(name, Map.of("left", one.left()));
                }
            }));
            if (!found.isEmpty()) {
                view.put("breakers", found);
            }
            if (!out.isEmpty()) {
                view.put("ejected", out);
            }
            return view;
        }

        /** An endpoint is known by its address; its labels and weight may have changed since a stage was made for it. */
        private static boolean isSame(Object key, Endpoint endpoint) {
            return key instanceof Endpoint other
                    ? other.address().equals(endpoint.address())
                    : key.equals(endpoint.address());
        }
    }
}
