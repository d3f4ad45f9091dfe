package io.headgate.gateway;

import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import java.net.URI;
import java.net.URISyntaxException;

/** Reads the URL of an endpoint: scheme, host and port. */
final class EndpointUrl {

    private EndpointUrl() {}

    /** The endpoint; one by TLS is known by its host. */
    static Endpoint parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw bad(url);
        }
        if (uri.getScheme() == null
                || uri.getRawAuthority() == null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || !(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))) {
            throw bad(url);
        }
        Protocol protocol = switch (uri.getScheme()) {
            case "http", "https" -> Protocol.HTTP_1;
            case "h2c", "h2" -> Protocol.HTTP_2;
            default -> throw bad(url);
        };
        boolean secure = uri.getScheme().equals("https") || uri.getScheme().equals("h2");
        // Not URI.getHost, which does not know host names with an underscore.
        String authority = uri.getRawAuthority();
        try {
            HeadRules.checkAuthority(authority);
        } catch (RequestException e) {
            throw bad(url);
        }
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']') && colon < authority.length() - 1;
        int port = hasPort ? Integer.parseInt(authority.substring(colon + 1)) : secure ? 443 : 80;
        String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
        return Endpoint.of(host, port).withProtocol(protocol).withTls(secure ? TlsName.dns(host) : null);
    }

    private static IllegalArgumentException bad(String url) {
        return new IllegalArgumentException(
                "upstream: " + url + " (expected: http, h2c, https or h2, then ://host:port, without a path)");
    }
}
