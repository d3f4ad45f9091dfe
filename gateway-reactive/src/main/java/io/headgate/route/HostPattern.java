package io.headgate.route;

import io.headgate.http.RequestHead;
import io.headgate.http.RequestSyntax;
import java.util.Locale;

/**
 * The host of a route.
 *
 * @param kind how the name is meant
 * @param name in lower case, without the asterisk
 * @param port the port, or {@link #ANY_PORT}
 */
record HostPattern(Kind kind, String name, int port) {

    static final int ANY_PORT = 0;

    private static final int LONGEST = 253; // RFC 1035 section 2.3.4, as text
    private static final String EXPECTED =
            " (expected: a host such as example.org, *.example.org for all below it, or *; and an optional port)";

    /** In order of precedence. */
    enum Kind {
        EXACT,
        SUFFIX,
        ANY
    }

    static HostPattern of(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        Kind kind = Kind.EXACT;
        String rest = lower;
        if (lower.startsWith("*.")) {
            kind = Kind.SUFFIX;
            rest = lower.substring(2);
        } else if (lower.equals("*") || lower.startsWith("*:")) {
            kind = Kind.ANY;
            rest = "any" + lower.substring(1);
        }
        int end = rest.startsWith("[") ? rest.indexOf(']') + 1 : rest.indexOf(':');
        end = end <= 0 ? rest.length() : end;
        boolean valid = RequestSyntax.isAuthority(rest)
                && rest.indexOf('*') < 0
                && end <= LONGEST
                && !rest.endsWith(":")
                && isName(rest.substring(0, end));
        if (!valid) {
            throw new IllegalArgumentException("host: " + Texts.printable(text) + EXPECTED);
        }
        int port = end == rest.length() ? ANY_PORT : Integer.parseInt(rest.substring(end + 1));
        return new HostPattern(kind, kind == Kind.ANY ? "" : rest.substring(0, end), port);
    }

    /** No label is empty, so that there is one way to write a name. */
    private static boolean isName(String name) {
        return !name.startsWith(".") && !name.endsWith(".") && !name.contains("..");
    }

    /** The longer the suffix, the more specific; with a port more than without. */
    int compareSpecificity(HostPattern other) {
        int kinds = kind.compareTo(other.kind);
        if (kinds != 0) {
            return kinds;
        }
        int labels = kind == Kind.SUFFIX ? Integer.compare(other.labels(), labels()) : 0;
        return labels != 0 ? labels : Boolean.compare(port == ANY_PORT, other.port == ANY_PORT);
    }

    private int labels() {
        return (int) name.chars().filter(c -> c == '.').count() + 1;
    }

    /** For reports; the index does this by hashing. */
    boolean matches(RequestHead head) {
        if (port != ANY_PORT && port != Authority.port(head)) {
            return false;
        }
        String host = head.authority()
                .substring(0, Authority.hostEnd(head.authority()))
                .toLowerCase(Locale.ROOT);
        return covers(host);
    }

    private boolean covers(String host) {
        return switch (kind) {
            case EXACT -> host.equals(name);
            case SUFFIX -> isBelow(host);
            case ANY -> true;
        };
    }

    private boolean isBelow(String host) {
        int dot = host.length() - name.length() - 1;
        return dot > 0 && host.charAt(dot) == '.' && host.endsWith(name);
    }

    /** Whether this matches all that another one matches. */
    boolean covers(HostPattern other) {
        boolean ports = port == ANY_PORT || port == other.port;
        return ports
                && switch (other.kind) {
                    case EXACT -> covers(other.name);
                    case SUFFIX ->
                        kind == Kind.SUFFIX && (name.equals(other.name) || isBelow(other.name)) || kind == Kind.ANY;
                    case ANY -> kind == Kind.ANY;
                };
    }

    @Override
    public String toString() {
        String host = switch (kind) {
            case EXACT -> name;
            case SUFFIX -> "*." + name;
            case ANY -> "*";
        };
        return port == ANY_PORT ? host : host + ":" + port;
    }
}
