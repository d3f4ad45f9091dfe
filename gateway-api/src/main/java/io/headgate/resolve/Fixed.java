package io.headgate.resolve;

import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Reset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;

/** Sets that never change. */
final class Fixed {

    private static final Flux<Update<Endpoint>> ABSENT = lasting(new Absent<>());

    private Fixed() {}

    static Resolver of(Map<String, List<Endpoint>> endpoints) {
        Map<String, Flux<Update<Endpoint>>> names = new HashMap<>();
        endpoints.forEach((name, members) -> names.put(name, always(members)));
        return name -> names.getOrDefault(name, ABSENT);
    }

    static Flux<Update<Endpoint>> always(List<Endpoint> endpoints) {
        return lasting(new Reset<>(endpoints));
    }

    private static Flux<Update<Endpoint>> lasting(Update<Endpoint> state) {
        return Flux.concat(Flux.just(state), Flux.never());
    }
}
