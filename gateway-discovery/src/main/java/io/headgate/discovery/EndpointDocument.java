package io.headgate.discovery;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Reset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Names and their endpoints, as a file or a server tells them:
 *
 * <pre>
 * {
 *   "endpoints": {
 *     "orders": [
 *       "10.0.0.1:8080",
 *       {
 *         "address": "[fd00::2]:8443",
 *         "protocol": "http/2",
 *         "tls": {"identity": "spiffe://example/orders", "serverName": "orders.example"},
 *         "authority": "orders.example",
 *         "weight": 5000,
 *         "labels": {"zone": "b"}
 *       }
 *     ],
 *     "carts": []
 *   }
 * }
 * </pre>
 *
 * All but the address may be left out; {@code "tls": "orders.example"} is short for a DNS name that is asked for by the same name. What
 * is not described here is refused, and so is an address that comes twice: a misspelt field must not be taken for one that is not
 * there.
 */
public final class EndpointDocument {

    /** Knows no name. */
    public static final EndpointDocument EMPTY = new EndpointDocument(Map.of());

    private static final Update<Endpoint> ABSENT = new Absent<>();

    private final Map<String, Reset<Endpoint>> names;

    private EndpointDocument(Map<String, Reset<Endpoint>> names) {
        this.names = names;
    }

    /**
     * Reads a document.
     *
     * @param source where it is from, for messages
     * @param json the document in UTF-8
     * @return the document
     * @throws DocumentException when it is not as described
     */
    public static EndpointDocument parse(String source, byte[] json) {
        Map<String, List<Endpoint>> endpoints = new DocumentParser(source).parse(json);
        return new EndpointDocument(endpoints.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> new Reset<>(entry.getValue()))));
    }

    /**
     * Reads the endpoints of one name, which is told apart from them: the list alone, as it stands after a name.
     *
     * @param source where it is from, for messages
     * @param json the list in UTF-8
     * @return the endpoints; none is a set without members
     * @throws DocumentException when it is not as described
     */
    public static List<Endpoint> parseList(String source, byte[] json) {
        return new DocumentParser(source).parseList(json);
    }

    /**
     * What the document says of a name.
     *
     * @param name the name
     * @return its set, or absent
     */
    public Update<Endpoint> state(String name) {
        Reset<Endpoint> known = names.get(name);
        return known == null ? ABSENT : known;
    }

    /**
     * The names that the document knows.
     *
     * @return all names
     */
    public Set<String> names() {
        return names.keySet();
    }
}
