package io.headgate.gateway;

import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * An upstream endpoint: where it listens and which protocol it is spoken to.
 *
 * @param protocol HTTP/1.1 or HTTP/2
 * @param secure whether by TLS
 * @param host name or address
 * @param port 1 to 65535
 */
record Endpoint(Protocol protocol, boolean secure, String host, int port) {

    /** What an upstream is spoken to. */
    enum Protocol {
        HTTP_1(ApplicationProtocolNames.HTTP_1_1, "http", "https"),
        HTTP_2(ApplicationProtocolNames.HTTP_2, "h2c", "h2");

        private final String alpn;
        private final String cleartext;
        private final String secure;

        Protocol(String alpn, String cleartext, String secure) {
            this.alpn = alpn;
            this.cleartext = cleartext;
            this.secure = secure;
        }

        /** Its name in ALPN. */
        String alpn() {
            return alpn;
        }
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
            case "http", "https" -> Protocol.HTTP_1;
            case "h2c", "h2" -> Protocol.HTTP_2;
            default -> throw bad(url);
        };
        boolean secure = uri.getScheme().equals(protocol.secure);
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
        return new Endpoint(protocol, secure, host, port);
    }

    private static IllegalArgumentException bad(String url) {
        return new IllegalArgumentException(
                "upstream: " + url + " (expected: http, h2c, https or h2, then ://host:port, without a path)");
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
        return (secure ? protocol.secure : protocol.cleartext) + "://" + host + ":" + port;
    }
}
