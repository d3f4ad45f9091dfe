package io.headgate.gateway;

import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * An upstream endpoint: where it listens and which protocol it is spoken to.
 *
 * @param protocol HTTP/1.1 or HTTP/2, cleartext
 * @param host name or address
 * @param port 1 to 65535
 */
record Endpoint(Protocol protocol, String host, int port) {

    /** What an upstream is spoken to. */
    enum Protocol {
        HTTP_1,
        HTTP_2
    }

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
            case "http" -> Protocol.HTTP_1;
            case "h2c" -> Protocol.HTTP_2;
            case "https", "h2" ->
                throw new IllegalArgumentException(
                        "upstream: " + url + " (expected: http:// or h2c://; TLS to upstreams is not there yet)");
            default -> throw bad(url);
        };
        // Not URI.getHost, which does not know host names with an underscore.
        String authority = uri.getRawAuthority();
        try {
            HeadRules.checkAuthority(authority);
        } catch (RequestException e) {
            throw bad(url);
        }
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']') && colon < authority.length() - 1;
        int port = hasPort ? Integer.parseInt(authority.substring(colon + 1)) : 80;
        String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
        return new Endpoint(protocol, host, port);
    }

    private static IllegalArgumentException bad(String url) {
        return new IllegalArgumentException(
                "upstream: " + url + " (expected: http://host:port or h2c://host:port, without a path)");
    }

    /** An address literal is taken as it is; a name is left to the resolver of the event loop. */
    InetSocketAddress address() {
        String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return NetUtil.isValidIpV4Address(literal) || NetUtil.isValidIpV6Address(literal)
                ? new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(literal), port)
                : InetSocketAddress.createUnresolved(host, port);
    }

    @Override
    public String toString() {
        return (protocol == Protocol.HTTP_2 ? "h2c://" : "http://") + host + ":" + port;
    }
}
