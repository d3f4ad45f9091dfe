package io.headgate.resolve;

import java.util.Objects;

/**
 * Who an endpoint must prove to be by its certificate.
 *
 * @param identity the name that the certificate must carry: a DNS name, or a URI such as {@code spiffe://...}
 * @param serverName the name that the client asks for in the TLS handshake (SNI)
 */
public record TlsName(String identity, String serverName) {

    /** Checks that both are there. */
    public TlsName {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(serverName, "serverName");
        if (identity.isBlank() || serverName.isBlank()) {
            throw new IllegalArgumentException(
                    "TLS identity: '" + identity + "' by '" + serverName + "' (expected: two names)");
        }
    }

    /**
     * An endpoint with a DNS name, which is asked for by the same name.
     *
     * @param name the DNS name
     * @return the identity
     */
    public static TlsName dns(String name) {
        return new TlsName(name, name);
    }

    /**
     * Tells whether the identity is a URI and not a DNS name.
     *
     * @return true for a URI
     */
    public boolean isUri() {
        return identity.contains(":");
    }
}
