package io.headgate.tracing;

import java.util.Set;

/** Methods that spans name; clients can make up others without end. */
final class Methods {

    private static final Set<String> KNOWN =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY");

    private Methods() {}

    static boolean isKnown(String method) {
        return KNOWN.contains(method);
    }

    /** As an attribute. */
    static String known(String method) {
        return isKnown(method) ? method : "_OTHER";
    }

    /** In the name of a span. */
    static String name(String method) {
        return isKnown(method) ? method : "HTTP";
    }
}
