package io.headgate.discovery;

import io.headgate.resolve.Endpoint;
import java.util.List;
import java.util.stream.Collectors;

/** Writes documents. */
public final class Json {

    private Json() {}

    public static String of(String name, List<Endpoint> endpoints) {
        String list = endpoints.stream()
                .map(endpoint -> "\"" + endpoint.address().getHostString() + ":"
                        + endpoint.address().getPort() + "\"")
                .collect(Collectors.joining(", "));
        return "{\"endpoints\": {\"" + name + "\": [" + list + "]}}";
    }
}
