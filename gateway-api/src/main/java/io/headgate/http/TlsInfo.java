package io.headgate.http;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was agreed in the TLS handshake of a connection. Immutable; any thread may ask. */
public final class TlsInfo {

    private final String protocol;
    private final String cipherSuite;
    private final @Nullable String serverName;
    private final List<X509Certificate> peerCertificates;
    private @Nullable PeerIdentity peer; // read from the certificate when first asked for; a race makes two equal ones

    private TlsInfo(
            String protocol, String cipherSuite, @Nullable String serverName, List<X509Certificate> peerCertificates) {
        this.protocol = Objects.requireNonNull(protocol, "protocol");
        this.cipherSuite = Objects.requireNonNull(cipherSuite, "cipherSuite");
        this.serverName = serverName;
        this.peerCertificates = List.copyOf(peerCertificates);
    }

    /**
     * Facts of a handshake.
     *
     * @param protocol the version, such as {@code TLSv1.3}
     * @param cipherSuite its name as IANA has it
     * @param serverName the name that the client asked for (RFC 6066 section 3), or null
     * @param peerCertificates the verified chain of the peer with its own certificate first, or empty
     * @return the facts
     */
    public static TlsInfo of(
            String protocol, String cipherSuite, @Nullable String serverName, List<X509Certificate> peerCertificates) {
        return new TlsInfo(protocol, cipherSuite, serverName, peerCertificates);
    }

    /**
     * The version of TLS.
     *
     * @return {@code TLSv1.3} or {@code TLSv1.2}
     */
    public String protocol() {
        return protocol;
    }

    /**
     * The cipher suite.
     *
     * @return its name as IANA has it
     */
    public String cipherSuite() {
        return cipherSuite;
    }

    /**
     * The name that the client asked for (SNI).
     *
     * @return the name in lower case, or null when it asked for none
     */
    public @Nullable String serverName() {
        return serverName;
    }

    /**
     * The certificates of the peer, which were verified in the handshake.
     *
     * @return its own certificate first; empty when it showed none
     */
    public List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    /**
     * Who the peer is, by its verified certificate. Parsed once for each connection, when first asked for.
     *
     * @return the identity, or null when it showed no certificate
     */
    public @Nullable PeerIdentity peer() {
        PeerIdentity known = peer;
        if (known == null && !peerCertificates.isEmpty()) {
            known = PeerIdentity.from(peerCertificates.get(0));
            peer = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return protocol + " " + cipherSuite + (serverName == null ? "" : " for " + serverName)
                + (peerCertificates.isEmpty() ? "" : " from " + peer());
    }
}
