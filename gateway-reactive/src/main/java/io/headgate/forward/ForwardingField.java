package io.headgate.forward;

/** Tells which fields claim to know where a request came from. */
enum ForwardingField {
    /** Says nothing of the kind. */
    OTHER,
    /** One of those that the stage writes. */
    OWN,
    /** One of those that other proxies write. */
    FOREIGN,
    /** Looks like one of them to a server that takes an underscore for a dash, as CGI does. */
    TWIN;

    private static final String[] OWN_NAMES = {
        "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip"
    };

    private static final String[] FOREIGN_NAMES = {
        "cf-connecting-ip",
        "client-ip",
        "fastly-client-ip",
        "front-end-https",
        "true-client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "x-original-host",
        "x-original-proto"
    };

    private static final String PREFIX = "x-forwarded-";

    static ForwardingField of(CharSequence name) {
        if (name.length() < 9 || "xfct".indexOf(lower(name.charAt(0))) < 0) {
            return OTHER;
        }
        for (String own : OWN_NAMES) {
            if (own.length() == name.length() && startsWith(name, own)) {
                return orTwin(name, OWN);
            }
        }
        for (String foreign : FOREIGN_NAMES) {
            if (foreign.length() == name.length() && startsWith(name, foreign)) {
                return orTwin(name, FOREIGN);
            }
        }
        return startsWith(name, PREFIX) ? orTwin(name, FOREIGN) : OTHER;
    }

    private static ForwardingField orTwin(CharSequence name, ForwardingField otherwise) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '_') {
                return TWIN;
            }
        }
        return otherwise;
    }

    private static boolean startsWith(CharSequence name, String start) {
        if (name.length() < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            char c = lower(name.charAt(i));
            if ((c == '_' ? '-' : c) != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
    }
}
