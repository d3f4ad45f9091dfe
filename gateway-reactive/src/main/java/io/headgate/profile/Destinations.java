package io.headgate.profile;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import java.util.Objects;

/** What a profile sends to: names and, when it names one, an endpoint. */
final class Destinations {

    private Destinations() {}

    static Service<HttpExchange, HttpReply> create(ProfileRouting routing, Object key) {
        return key instanceof Endpoint endpoint
                ? Objects.requireNonNull(routing.parts.endpoints(), "endpoints").create(endpoint)
                : routing.destinations.create((String) key);
    }
}
