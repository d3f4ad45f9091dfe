package io.headgate.tls.internal;

import io.headgate.http.PeerIdentity;
import io.headgate.resolve.TlsName;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Whether a certificate is that of an endpoint: the identity is among its alternative names (RFC 9525 section 6.3). */
final class Identities {

    private static final int ADDRESS = 7; // the type of a GeneralName, RFC 5280 section 4.2.1.6

    private Identities() {}

    static boolean carries(X509Certificate certificate, TlsName wanted) {
        String identity = wanted.identity();
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(identity);
        if (address != null) {
            return hasAddress(certificate, address);
        }
        PeerIdentity shown = PeerIdentity.from(certificate);
        return wanted.isUri()
                ? shown.uris().contains(identity)
                : shown.dnsNames().stream().anyMatch(name -> isFor(normal(name), normal(identity)));
    }

    /** The same name, or one with an asterisk for the first label; never for all names of a top level domain. */
    private static boolean isFor(String pattern, String name) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(name);
        }
        int dot = name.indexOf('.');
        return dot > 0 && pattern.indexOf('.', 2) > 0 && pattern.substring(1).equals(name.substring(dot));
    }

    private static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static boolean hasAddress(X509Certificate certificate, InetAddress wanted) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names != null
                    && names.stream()
                            .anyMatch(name -> Integer.valueOf(ADDRESS).equals(name.get(0))
                                    && name.get(1) instanceof String value
                                    && wanted.equals(NetUtil.createInetAddressFromIpAddressString(value)));
        } catch (CertificateParsingException e) {
            return false;
        }
    }
}
