package io.headgate.tap;

import io.headgate.http.ConnectionInfo;
import io.headgate.http.PeerIdentity;
import io.headgate.http.TlsInfo;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A point with what can be said of it once for all exchanges.
 *
 * @param labels those of the destination, sorted
 */
record TapSite(TapPoint point, @Nullable InetSocketAddress destination, Map<String, String> labels) {

    private static final String TLS = "tls";
    private static final Map<String, String> CLEARTEXT = Map.of(TLS, "false");
    private static final Map<String, String> ANONYMOUS = Map.of(TLS, "true");

    static TapSite of(TapPoint point) {
        Endpoint endpoint = point.destination();
        return endpoint == null
                ? new TapSite(point, null, Map.of())
                : new TapSite(point, endpoint.address(), labels(endpoint));
    }

    private static Map<String, String> labels(Endpoint endpoint) {
        Map<String, String> labels = new TreeMap<>(endpoint.labels());
        labels.put(TLS, Boolean.toString(endpoint.tls() != null));
        if (endpoint.tls() != null) {
            labels.put("server_id", endpoint.tls().identity());
        }
        return Collections.unmodifiableMap(labels);
    }

    /** What is told of an exchange that passes here. */
    TapEvent.Peers peers(ConnectionInfo connection, RouteLabels route) {
        return new TapEvent.Peers(point, source(connection), labels(connection), destination, labels, route.raw());
    }

    static @Nullable InetSocketAddress source(ConnectionInfo connection) {
        return connection.remoteAddress() instanceof InetSocketAddress address ? address : null;
    }

    private static Map<String, String> labels(ConnectionInfo connection) {
        if (!connection.isSecure()) {
            return CLEARTEXT;
        }
        TlsInfo tls = connection.tls();
        PeerIdentity client = tls == null ? null : tls.peer();
        return client == null
                ? ANONYMOUS
                : Collections.unmodifiableMap(new TreeMap<>(Map.of(TLS, "true", "client_id", name(client))));
    }

    private static String name(PeerIdentity client) {
        String spiffeId = client.spiffeId();
        if (spiffeId != null) {
            return spiffeId;
        }
        return client.dnsNames().isEmpty()
                ? client.subject()
                : client.dnsNames().get(0);
    }
}
