package io.headgate.mux;

/**
 * What is done about paths that two readers could take for different ones (RFC 3986 section 6.2.2). Whichever it is, stages
 * match the very form that the upstream gets.
 */
public enum PathPolicy {
    /**
     * One canonical form: escapes of letters, digits and {@code - . _ ~} are decoded and dot segments removed. Refused with
     * 400 are {@code %00}, a backslash, an escaped slash or backslash, dot segments with parameters, and those that would
     * climb above the root. The query stays as it is.
     */
    CANONICAL,
    /** As {@link #CANONICAL}, but an escaped slash or backslash passes, for upstreams that use them within a segment. */
    CANONICAL_ESCAPED_SLASH,
    /** Paths pass as clients sent them, for upstreams that sign them or read them literally. */
    AS_SENT
}
