package io.headgate.sync;

import io.headgate.http.PeerIdentity;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/**
 * Who the other side of a TLS connection must be, by its own certificate; either name suffices when both are given. That the
 * certificate comes of a trusted authority is the matter of the handshake, and host names are not looked at. Immutable.
 *
 * @param commonName the common name of its subject, exactly; or null
 * @param uri a subject alternative name of type URI, exactly; or null
 */
public record SyncPeer(
        @Nullable String commonName, @Nullable String uri) {

    /** Checks that there is something to look at. */
    public SyncPeer {
        if (commonName == null && uri == null || "".equals(commonName) || "".equals(uri)) {
            throw new IllegalArgumentException("peer: no name (expected: a common name, a URI or both)");
        }
    }

    /**
     * Somebody of a common name.
     *
     * @param commonName of the subject, exactly
     * @return the peer
     */
    public static SyncPeer named(String commonName) {
        return new SyncPeer(Objects.requireNonNull(commonName, "commonName"), null);
    }

    /**
     * Somebody of a URI.
     *
     * @param uri a subject alternative name, exactly, such as a SPIFFE identity
     * @return the peer
     */
    public static SyncPeer identified(String uri) {
        return new SyncPeer(null, Objects.requireNonNull(uri, "uri"));
    }

    /**
     * Whether a certificate is that of this peer.
     *
     * @param own the certificate of the other side itself, verified before
     * @return true when one of the names fits
     */
    public boolean is(X509Certificate own) {
        return commonName != null && commonName.equals(commonName(own))
                || uri != null && PeerIdentity.from(own).uris().contains(uri);
    }

    /** The last one that the subject has, as Go takes it. */
    private static @Nullable String commonName(X509Certificate certificate) {
        try {
            List<Rdn> parts = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            String found = null;
            for (Rdn part : parts) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    found = name;
                }
            }
            return found;
        } catch (InvalidNameException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return commonName == null ? "URI " + uri : "CN " + commonName + (uri == null ? "" : " or URI " + uri);
    }
}
