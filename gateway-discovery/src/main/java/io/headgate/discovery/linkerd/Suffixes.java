package io.headgate.discovery.linkerd;

import java.util.List;
import java.util.Locale;

/** Which names are of a domain. Labels are compared as a whole, without regard to case, port and the dot at the end. */
final class Suffixes {

    private final boolean everything;
    private final List<String> domains;

    Suffixes(List<String> suffixes) {
        domains = suffixes.stream().map(Suffixes::normal).toList();
        everything = domains.contains("");
    }

    boolean has(String name) {
        if (everything) {
            return true;
        }
        String host = normal(withoutPort(name));
        for (String domain : domains) {
            if (host.endsWith(domain)
                    && (host.length() == domain.length() || host.charAt(host.length() - domain.length() - 1) == '.')) {
                return true;
            }
        }
        return false;
    }

    private static String withoutPort(String name) {
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf(']') ? name.substring(0, colon) : name;
    }

    private static String normal(String domain) {
        int start = domain.startsWith(".") ? 1 : 0;
        int end = domain.length() > start && domain.endsWith(".") ? domain.length() - 1 : domain.length();
        return domain.substring(start, end).toLowerCase(Locale.ROOT);
    }
}
