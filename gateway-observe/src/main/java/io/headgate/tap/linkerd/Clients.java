package io.headgate.tap.linkerd;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Status;
import io.headgate.http.PeerIdentity;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Says who may tap: whoever is on this machine, or with TLS those of some identities. */
final class Clients {

    private final boolean isCleartext;
    private final Set<String> allowed;

    Clients(TapServerSettings settings) {
        isCleartext = settings.tls() == null;
        allowed = settings.identities().stream().map(Clients::normal).collect(Collectors.toUnmodifiableSet());
    }

    /** Host names compare without regard to case, and URIs as they are. */
    private static String normal(String identity) {
        return identity.contains(":") ? identity : identity.toLowerCase(Locale.ROOT);
    }

    /** Returns why a client may not tap, or null when it may. */
    @Nullable Status refusal(Attributes connection) {
        if (isCleartext) {
            return isLocal(connection)
                    ? null
                    : Status.PERMISSION_DENIED.withDescription("client: elsewhere (expected: on this machine)");
        }
        PeerIdentity identity = identity(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (identity == null) {
            return Status.UNAUTHENTICATED.withDescription(
                    "certificate: none (expected: that of a client that may tap)");
        }
        return Stream.concat(identity.uris().stream(), identity.dnsNames().stream())
                        .map(Clients::normal)
                        .anyMatch(allowed::contains)
                ? null
                : Status.PERMISSION_DENIED.withDescription("client: " + identity + " (expected: one that may tap)");
    }

    private static boolean isLocal(Attributes connection) {
        return connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress client
                && client.getAddress() != null
                && client.getAddress().isLoopbackAddress();
    }

    private static @Nullable PeerIdentity identity(@Nullable SSLSession session) {
        if (session == null) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own ? PeerIdentity.from(own) : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}
