package io.headgate.http;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who a certificate says that its holder is. Immutable.
 *
 * @param subject the distinguished name as of RFC 2253, which may be empty
 * @param dnsNames the subject alternative names of type DNS
 * @param uris the subject alternative names of type URI, such as SPIFFE identities
 */
public record PeerIdentity(String subject, List<String> dnsNames, List<String> uris) {

    private static final int DNS = 2; // the types of a GeneralName, RFC 5280 section 4.2.1.6
    private static final int URI = 6;

    /** Checks and copies the parts. */
    public PeerIdentity {
        Objects.requireNonNull(subject, "subject");
        dnsNames = List.copyOf(dnsNames);
        uris = List.copyOf(uris);
    }

    /**
     * The identity in a certificate. It is as good as the verification of the certificate, which this does not do.
     *
     * @param certificate the certificate of the holder itself
     * @return the identity; without alternative names when those of the certificate cannot be read
     */
    public static PeerIdentity from(X509Certificate certificate) {
        List<String> dnsNames = new ArrayList<>();
        List<String> uris = new ArrayList<>();
        for (List<?> name : alternativeNames(certificate)) {
            if (name.size() > 1 && name.get(0) instanceof Integer type && name.get(1) instanceof String value) {
                if (type == DNS) {
                    dnsNames.add(value);
                } else if (type == URI) {
                    uris.add(value);
                }
            }
        }
        return new PeerIdentity(certificate.getSubjectX500Principal().getName(), dnsNames, uris);
    }

    private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /**
     * The SPIFFE identity: the only URI, if it is of that scheme (X509-SVID section 2).
     *
     * @return such as {@code spiffe://example.org/orders}, or null when there is none
     */
    public @Nullable String spiffeId() {
        return uris.size() == 1 && uris.get(0).startsWith("spiffe://") ? uris.get(0) : null;
    }
}
