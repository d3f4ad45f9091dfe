package io.headgate.benchmarks;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Resolver;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;

/** How much heap resolutions hold: many endpoints of one name, and many names. Run with {@code -Xmx2g -XX:+UseSerialGC}. */
public final class ResolverFootprint {

    private static final int ENDPOINTS = 100_000;
    private static final int NAMES = 10_000;

    private ResolverFootprint() {}

    /**
     * Measures and prints.
     *
     * @param args none
     */
    public static void main(String[] args) {
        measure("endpoint alone", ENDPOINTS, count -> endpoints(count, Map.of()));
        measure("endpoint alone, with a label", ENDPOINTS, count -> endpoints(count, Map.of("zone", "a")));
        measure("endpoint in a registry", ENDPOINTS, count -> oneName(count, 0));
        measure("endpoint in a registry and shared, 1 subscriber", ENDPOINTS, count -> oneName(count, 1));
        measure("endpoint in a registry and shared, 10 subscribers", ENDPOINTS, count -> oneName(count, 10));
        measure(
                "endpoint in a registry and shared, 1 stalled subscriber, all changed",
                ENDPOINTS,
                count -> stalled(count));
        measure("name in a registry, 1 endpoint", NAMES, count -> names(count, false));
        measure("name in a registry and shared, 1 endpoint, 1 subscriber", NAMES, count -> names(count, true));
    }

    private static List<Endpoint> endpoints(int count, Map<String, String> labels) {
        return IntStream.range(0, count)
                .mapToObj(i -> Endpoint.of("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), 8080)
                        .withLabels(labels))
                .toList();
    }

    private static Object oneName(int count, int subscribers) {
        EndpointRegistry registry = new EndpointRegistry();
        registry.reset("orders", endpoints(count, Map.of()));
        Resolver shared = registry.shared();
        List<Object> held = new ArrayList<>(List.of(registry, shared));
        for (int i = 0; i < subscribers; i++) {
            held.add(shared.resolve("orders").subscribe());
        }
        return held;
    }

    private static Object stalled(int count) {
        EndpointRegistry registry = new EndpointRegistry();
        registry.reset("orders", endpoints(count, Map.of()));
        Resolver shared = registry.shared();
        BaseSubscriber<Object> stalled = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }
        };
        shared.resolve("orders").subscribe(stalled);
        endpoints(count, Map.of()).forEach(endpoint -> registry.upsert("orders", endpoint.withWeight(1)));
        return List.of(registry, shared, stalled);
    }

    private static Object names(int count, boolean shared) {
        EndpointRegistry registry = new EndpointRegistry();
        Resolver resolver = registry.shared();
        List<Disposable> subscriptions = new ArrayList<>();
        List<Endpoint> endpoints = endpoints(count, Map.of());
        for (int i = 0; i < count; i++) {
            registry.upsert("name-" + i, endpoints.get(i));
            if (shared) {
                subscriptions.add(resolver.resolve("name-" + i).subscribe());
            }
        }
        return List.of(registry, resolver, subscriptions);
    }

    private static void measure(String what, int count, IntFunction<Object> build) {
        long before = used();
        Object held = build.apply(count);
        long after = used();
        Reference.reachabilityFence(held);
        System.out.printf(
                "%-70s %,8d B each, %,8d KiB in all%n", what, (after - before) / count, (after - before) >> 10);
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
