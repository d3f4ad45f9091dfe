package io.headgate.accesslog;

import io.headgate.forward.Client;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.HttpVersion;
import io.headgate.http.PeerIdentity;
import io.headgate.http.TlsInfo;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Route;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What lines say of an exchange, as text; null for what is not known. */
final class Facts {

    private Facts() {}

    /** The other end of the connection: an IP address, or whatever else the transport has. */
    static @Nullable String peer(ExchangeRecord exchange) {
        SocketAddress peer = exchange.exchange().connection().remoteAddress();
        if (peer instanceof InetSocketAddress socket) {
            return host(socket);
        }
        return peer == null ? null : peer.toString();
    }

    static int peerPort(ExchangeRecord exchange) {
        SocketAddress peer = exchange.exchange().connection().remoteAddress();
        return peer instanceof InetSocketAddress socket ? socket.getPort() : -1;
    }

    /** The client before trusted proxies, where a stage has found it out. */
    static @Nullable String forwardedClient(ExchangeRecord exchange) {
        Client client = exchange.note(Client.KEY);
        InetAddress address = client == null ? null : client.address();
        return address == null ? null : NetUtil.toAddressString(address);
    }

    /** The endpoint that was tried last. */
    static @Nullable String endpoint(ExchangeRecord exchange) {
        Endpoint endpoint = exchange.note(Endpoint.KEY);
        if (endpoint == null) {
            return null;
        }
        String host = host(endpoint.address());
        int port = endpoint.address().getPort();
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    /** The address, or the name where it was not looked up; never looks anything up. */
    private static String host(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        return address == null ? socket.getHostString() : NetUtil.toAddressString(address);
    }

    static @Nullable String route(ExchangeRecord exchange) {
        Route<?> route = exchange.note(Route.KEY);
        return route == null ? null : route.name();
    }

    static @Nullable CharSequence field(ExchangeRecord exchange, CharSequence name) {
        return exchange.exchange().head().fields().get(name);
    }

    static @Nullable String tlsVersion(ExchangeRecord exchange) {
        TlsInfo tls = exchange.exchange().connection().tls();
        return tls == null ? null : tls.protocol();
    }

    /** Who the client has proved to be: its SPIFFE identity, or else the name of its certificate. */
    static @Nullable String tlsIdentity(ExchangeRecord exchange) {
        TlsInfo tls = exchange.exchange().connection().tls();
        PeerIdentity peer = tls == null ? null : tls.peer();
        if (peer == null) {
            return null;
        }
        String spiffe = peer.spiffeId();
        return spiffe == null ? peer.subject() : spiffe;
    }

    /** Without its prefix: {@code 1.0}, {@code 1.1} or {@code 2}. */
    static String version(ExchangeRecord exchange) {
        return switch (exchange.exchange().connection().version()) {
            case HTTP_1_0 -> "1.0";
            case HTTP_1_1 -> "1.1";
            case HTTP_2 -> "2";
        };
    }

    /** As request lines have it; Apache writes {@code HTTP/2.0}. */
    static String protocol(HttpVersion version) {
        return version == HttpVersion.HTTP_2 ? "HTTP/2.0" : version.toString();
    }

    static @Nullable String cause(ExchangeRecord exchange) {
        Throwable cause = exchange.cause();
        if (cause == null) {
            return null;
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
