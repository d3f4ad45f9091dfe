package io.headgate.discovery.dns;

import io.headgate.resolve.Endpoint;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes endpoints of SRV records: what their priorities and weights mean to a balancer. */
final class ServiceWeights {

    private static final String PRIORITY = "dns.priority";

    /** What a weight of one counts for: 100 is the weight that is given most often, and becomes the normal one. */
    private static final int SCALE = Endpoint.NORMAL_WEIGHT / 100;

    private final int best;
    private final boolean weighted;

    private ServiceWeights(List<Lookups.Place> places) {
        best = places.stream()
                .mapToInt(place -> place.service().priority())
                .min()
                .orElse(0);
        weighted = places.stream()
                .anyMatch(place ->
                        place.service().priority() == best && place.service().weight() > 0);
    }

    static List<Endpoint> endpoints(List<Lookups.Place> places) {
        ServiceWeights weights = new ServiceWeights(places);
        Map<InetSocketAddress, Endpoint> endpoints = new LinkedHashMap<>();
        for (Lookups.Place place : places) {
            Endpoint endpoint = weights.endpoint(place);
            endpoints.merge(endpoint.address(), endpoint, (one, two) -> one.weight() >= two.weight() ? one : two);
        }
        return sorted(endpoints.values());
    }

    /** Servers turn records round, too. */
    private static List<Endpoint> sorted(Collection<Endpoint> endpoints) {
        return endpoints.stream()
                .sorted(Comparator.comparing(endpoint -> endpoint.address().toString()))
                .toList();
    }

    private Endpoint endpoint(Lookups.Place place) {
        Answer.Service service = place.service();
        return Endpoint.of(new InetSocketAddress(place.address(), service.port()))
                .withWeight(weight(service))
                .withLabels(Map.of(PRIORITY, Integer.toString(service.priority())));
    }

    private int weight(Answer.Service service) {
        if (service.priority() != best) {
            return 0;
        }
        return weighted ? Math.max(1, service.weight() * SCALE) : Endpoint.NORMAL_WEIGHT;
    }
}
