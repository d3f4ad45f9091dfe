package io.headgate.function.api;

import io.headgate.function.store.FunctionStore;
import io.headgate.http.HttpExchange;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for a path of the API.
 *
 * @param exchange the exchange
 * @param parameters what the path says for the parameters of the endpoint, decoded
 * @param store where applications, functions and triggers are, with all that is laid around it
 */
public record ApiRequest(HttpExchange exchange, Map<String, String> parameters, FunctionStore store) {

    /** Copies the map. */
    public ApiRequest {
        parameters = Map.copyOf(parameters);
    }

    /**
     * What the path says for a parameter of the endpoint.
     *
     * @param name the name, one of those in the path that the endpoint was added with
     * @return the value, decoded and not empty
     */
    public String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "parameter: " + name + " (expected: one of " + parameters.keySet() + ")");
        }
        return value;
    }

    /**
     * The value of a parameter of the query.
     *
     * @param name the name
     * @return the value, decoded; null when it is not there or empty. A {@link io.headgate.function.model.FunctionException} is thrown when
     *     it is there more than once or not UTF-8
     */
    public @Nullable String query(String name) {
        return QueryReader.one(exchange.head().query(), name);
    }
}
