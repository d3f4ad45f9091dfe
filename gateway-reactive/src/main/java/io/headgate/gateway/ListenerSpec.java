package io.headgate.gateway;

import io.headgate.tls.ServerTls;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a listener is to be: where it listens and how it treats its connections. Immutable; each {@code with} method returns
 * a copy.
 *
 * @param host the address to listen on
 * @param port the port, or 0 to let the system choose
 * @param tls how its connections are protected, or null for cleartext
 * @param proxyProtocol whether connections begin with a header of the PROXY protocol
 */
public record ListenerSpec(String host, int port, @Nullable ServerTls tls, ProxyProtocol proxyProtocol) {

    /** Checks the parts. */
    public ListenerSpec {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(proxyProtocol, "proxyProtocol");
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
        }
    }

    /**
     * A listener for cleartext HTTP/1.1 and HTTP/2.
     *
     * @param host the address to listen on
     * @param port the port, or 0 to let the system choose
     * @return the specification
     */
    public static ListenerSpec of(String host, int port) {
        return new ListenerSpec(host, port, null, ProxyProtocol.OFF);
    }

    /**
     * A copy whose connections are protected by TLS, and speak HTTP/2 or HTTP/1.1 as the client chooses by ALPN.
     *
     * @param changed how
     * @return the copy
     */
    public ListenerSpec withTls(ServerTls changed) {
        return new ListenerSpec(host, port, Objects.requireNonNull(changed, "tls"), proxyProtocol);
    }

    /**
     * A copy for connections that come through load balancers.
     *
     * @param changed who sends a header of the PROXY protocol; {@link ProxyProtocol#OFF} unless set
     * @return the copy
     */
    public ListenerSpec withProxyProtocol(ProxyProtocol changed) {
        return new ListenerSpec(host, port, tls, changed);
    }
}
