package io.headgate.forward;

import io.headgate.http.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the value of a Forwarded field (RFC 7239 section 4), one pass from left to right. */
final class ForwardedSyntax {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private final String text;
    private int at;

    private ForwardedSyntax(String text) {
        this.text = text;
    }

    /** The elements in order; one that names no address is a hop that is not known. */
    static List<Hop> read(String value) {
        ForwardedSyntax syntax = new ForwardedSyntax(value);
        List<Hop> hops = new ArrayList<>(2);
        do {
            Hop hop = syntax.element();
            if (hop != null) {
                hops.add(hop);
            }
        } while (syntax.skip(','));
        if (syntax.at < value.length()) {
            throw syntax.malformed();
        }
        return hops;
    }

    private @Nullable Hop element() {
        space();
        int start = at;
        String node = null;
        String scheme = null;
        String host = null;
        int seen = 0;
        do {
            space();
            if (at == text.length() || text.charAt(at) == ',' || text.charAt(at) == ';') {
                continue; // an empty list member or pair
            }
            String name = token().toLowerCase(Locale.ROOT);
            if (!take('=')) {
                throw malformed();
            }
            String value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
            int flag = flag(name);
            if ((seen & flag) != 0) {
                throw malformed();
            }
            seen |= flag;
            switch (name) {
                case "for" -> node = value;
                case "proto" -> scheme = value.toLowerCase(Locale.ROOT);
                case "host" -> host = value;
                default -> {}
            }
        } while (skip(';'));
        String whole = text.substring(start, at).strip();
        return whole.isEmpty() ? null : hop(node, scheme, host, whole);
    }

    private static Hop hop(@Nullable String node, @Nullable String scheme, @Nullable String host, String whole) {
        Hop named = node == null ? null : Hop.ofNode(node);
        return named == null
                ? new Hop(null, Hop.UNKNOWN, scheme, host, whole)
                : new Hop(named.address(), named.node(), scheme, host, whole);
    }

    private static int flag(String name) {
        return switch (name) {
            case "for" -> 1;
            case "proto" -> 2;
            case "host" -> 4;
            case "by" -> 8;
            default -> 0;
        };
    }

    private String token() {
        int start = at;
        while (at < text.length() && isToken(text.charAt(at))) {
            at++;
        }
        if (start == at) {
            throw malformed();
        }
        return text.substring(start, at);
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\' && ++at == text.length()) {
                break;
            }
            value.append(text.charAt(at));
        }
        throw malformed();
    }

    private boolean skip(char separator) {
        space();
        return take(separator);
    }

    private boolean take(char wanted) {
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void space() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    private RefusedException malformed() {
        return new RefusedException(
                400, "forwarded: malformed at character " + (at + 1) + " (expected: a list as of RFC 7239 section 4)");
    }

    static boolean isToken(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || TOKEN_MARKS.indexOf(c) >= 0;
    }
}
