package io.headgate.metrics;

import io.headgate.http.HttpExchange;
import io.headgate.http.HttpVersion;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;

/**
 * What is told apart of requests: few values, whatever clients send.
 *
 * @param method one of the nine of RFC 9110 and RFC 5789, or {@link #OTHER_METHOD}
 * @param version {@code 1.0}, {@code 1.1} or {@code 2}, or {@link HttpTarget#OTHER} when there were too many series
 * @param scheme {@code http} or {@code https}, or {@link HttpTarget#OTHER} as well
 * @param isSecure whether the connection is by TLS
 */
public record HttpRequestTraits(String method, String version, String scheme, boolean isSecure) {

    /** What stands for all methods that are not known. */
    public static final String OTHER_METHOD = "_OTHER";

    /** What stands for all requests when a target has too many series. */
    static final HttpRequestTraits OTHER =
            new HttpRequestTraits(OTHER_METHOD, HttpTarget.OTHER, HttpTarget.OTHER, false);

    private static final String[] METHODS = {
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", OTHER_METHOD
    };
    private static final String[] VERSIONS = {"1.0", "1.1", "2"};

    /** How many there are. */
    static final int COUNT = METHODS.length * VERSIONS.length * 4;

    /** Those with an index. */
    static HttpRequestTraits at(int index) {
        return new HttpRequestTraits(
                METHODS[index / 12], VERSIONS[index / 4 % 3], (index & 2) == 0 ? "http" : "https", (index & 1) != 0);
    }

    /** The index of a request of a client. */
    static int ofServer(HttpExchange exchange) {
        HttpVersion version = exchange.connection().version();
        return index(
                exchange.head().method(),
                version == HttpVersion.HTTP_1_1 ? 1 : version == HttpVersion.HTTP_2 ? 2 : 0,
                exchange.head().scheme().equals("https"),
                exchange.connection().isSecure());
    }

    /** The index of a request to an endpoint, or to a route when it is null. */
    static int ofClient(HttpExchange exchange, Endpoint endpoint) {
        return index(
                exchange.head().method(),
                endpoint.protocol() == Protocol.HTTP_2 ? 2 : 1,
                endpoint.tls() != null,
                endpoint.tls() != null);
    }

    static int index(String method, int version, boolean isHttps, boolean isSecure) {
        return (indexOf(method) * VERSIONS.length + version) * 4 + (isHttps ? 2 : 0) + (isSecure ? 1 : 0);
    }

    private static int indexOf(String method) {
        return switch (method) {
            case "GET" -> 0;
            case "HEAD" -> 1;
            case "POST" -> 2;
            case "PUT" -> 3;
            case "DELETE" -> 4;
            case "CONNECT" -> 5;
            case "OPTIONS" -> 6;
            case "TRACE" -> 7;
            case "PATCH" -> 8;
            default -> 9;
        };
    }
}
