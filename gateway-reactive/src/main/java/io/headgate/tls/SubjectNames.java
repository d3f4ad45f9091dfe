package io.headgate.tls;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that a certificate stands for: its alternative names of type DNS, of which one may have a whole label of
 * asterisk in front, and of type address (RFC 9525 section 6.3). The common name is not looked at.
 */
final class SubjectNames {

    private static final int DNS = 2; // the types of a GeneralName, RFC 5280 section 4.2.1.6
    private static final int ADDRESS = 7;
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

    private final Set<String> exact = new LinkedHashSet<>();
    private final Set<String> wildcards = new LinkedHashSet<>(); // what follows the asterisk, with its dot
    private final Set<InetAddress> addresses = new LinkedHashSet<>();

    SubjectNames(X509Certificate certificate) {
        for (List<?> name : alternativeNames(certificate)) {
            if (name.size() > 1 && name.get(0) instanceof Integer type && name.get(1) instanceof String value) {
                add(type, value);
            }
        }
    }

    private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException(
                    "certificate: " + certificate.getSubjectX500Principal() + " (expected: readable alternative names)",
                    e);
        }
    }

    private void add(int type, String value) {
        if (type == DNS) {
            String name = normal(value);
            if (!name.startsWith("*.")) {
                exact.add(name);
            } else if (name.indexOf('.', 2) > 0) { // never all names of a top level domain
                wildcards.add(name.substring(1));
            }
        } else if (type == ADDRESS) {
            InetAddress address = NetUtil.createInetAddressFromIpAddressString(value);
            if (address != null) {
                addresses.add(address);
            }
        }
    }

    Set<String> exact() {
        return exact;
    }

    Set<String> wildcards() {
        return wildcards;
    }

    /** Whether the host of an authority, without its port, is one of these. */
    boolean cover(String authority) {
        String host = host(authority);
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
        if (address != null) {
            return addresses.contains(address);
        }
        String name = normal(host);
        String parent = parent(name);
        return exact.contains(name) || parent != null && wildcards.contains(parent);
    }

    private static String host(String authority) {
        if (authority.startsWith("[")) {
            int end = authority.indexOf(']');
            return end < 0 ? authority : authority.substring(1, end);
        }
        int colon = authority.lastIndexOf(':');
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    /** Whether it can be sent as the name of a server: not an address, and of letters, digits, hyphens and dots. */
    static boolean isHostName(String name) {
        return !NetUtil.isValidIpV4Address(name) && HOST_NAME.matcher(name).matches();
    }

    /** In lower case, without the dot of the root. */
    static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** What follows the first label, with its dot; null when there is no such thing. */
    static @Nullable String parent(String name) {
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(dot) : null;
    }
}
