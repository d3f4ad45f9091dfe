package io.headgate.mux.internal;

import io.headgate.http.RequestSyntax;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request must look like, whichever protocol brought it (RFC 9110 sections 4 and 7, RFC 9112 section 3,
 * RFC 9113 section 8.3). The rules do not depend on what the codecs below check.
 */
public final class HeadRules {

    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");

    private HeadRules() {}

    /** A token; CONNECT and TRACE are refused. */
    public static void checkMethod(CharSequence method) {
        if (!RequestSyntax.isMethod(method)) {
            throw bad(Limit.METHOD, "method", method, "a token");
        }
        if (AsciiString.contentEquals("CONNECT", method)) {
            throw new RequestException(
                    501, Limit.METHOD, "method: CONNECT (expected: another one; there are no tunnels here)");
        }
        if (AsciiString.contentEquals("TRACE", method)) {
            throw new RequestException(
                    405, Limit.METHOD, "method: TRACE (expected: another one; it would show fields to scripts)");
        }
    }

    /** Path and query, or an asterisk for OPTIONS. */
    public static void checkTarget(CharSequence method, CharSequence target) {
        if (target.length() == 1 && target.charAt(0) == '*' && AsciiString.contentEquals("OPTIONS", method)) {
            return;
        }
        if (target.length() == 0 || target.charAt(0) != '/') {
            throw bad(Limit.TARGET, "target", target, "a path that starts with a slash");
        }
        if (!RequestSyntax.isPath(target)) {
            throw bad(
                    Limit.TARGET, "target", target, "no space, control character, fragment, bracket or broken escape");
        }
    }

    /** Host and optional port, without user information. */
    public static void checkAuthority(CharSequence authority) {
        if (!RequestSyntax.isAuthority(authority)) {
            throw bad(Limit.AUTHORITY, "authority", authority, "host and optional port");
        }
    }

    /** Host and port: what CONNECT names has no default port. */
    public static void checkConnectAuthority(CharSequence authority) {
        checkAuthority(authority);
        int last = authority.length() - 1;
        int colon = last;
        while (colon > 0 && authority.charAt(colon) != ':') {
            colon--;
        }
        if (colon == 0 || colon == last || authority.charAt(last) == ']') {
            throw bad(Limit.AUTHORITY, "authority", authority, "host and port");
        }
    }

    /** Exactly {@code http} or {@code https}. */
    public static void checkScheme(CharSequence scheme) {
        if (!AsciiString.contentEquals("http", scheme) && !AsciiString.contentEquals("https", scheme)) {
            throw bad(Limit.SCHEME, "scheme", scheme, "http or https");
        }
    }

    /** The only expectation there is (RFC 9110 section 10.1.1). */
    public static void checkExpectation(@Nullable CharSequence expect) {
        if (expect != null && !AsciiString.contentEqualsIgnoreCase(expect, CONTINUE)) {
            throw new RequestException(
                    417, Limit.EXPECTATION, "expect: " + printable(expect) + " (expected: 100-continue)");
        }
    }

    /** Bounds the number of fields. */
    public static void checkCount(int fields, int most) {
        if (fields > most) {
            throw new RequestException(
                    431, Limit.HEAD_FIELDS, "header fields: " + fields + " (expected: at most " + most + ")");
        }
    }

    public static RequestException bad(Limit limit, String what, CharSequence value, String expected) {
        return new RequestException(400, limit, what + ": " + printable(value) + " (expected: " + expected + ")");
    }

    private static String printable(CharSequence text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            shown.append(c < 0x20 || c >= 0x7f ? '?' : c);
        }
        return text.length() > 80 ? shown + "..." : shown.toString();
    }
}
