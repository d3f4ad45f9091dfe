package io.headgate.mux.internal;

import io.headgate.mux.RequestException;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request must look like, whichever protocol brought it (RFC 9110 sections 4 and 7, RFC 9112 section 3,
 * RFC 9113 section 8.3). The rules do not depend on what the codecs below check.
 */
public final class HeadRules {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");

    private HeadRules() {}

    /** A token; CONNECT and TRACE are refused. */
    public static void checkMethod(CharSequence method) {
        boolean valid = method.length() > 0;
        for (int i = 0; valid && i < method.length(); i++) {
            char c = method.charAt(i);
            valid = isAlphanumeric(c) || TOKEN_MARKS.indexOf(c) >= 0;
        }
        if (!valid) {
            throw bad("method", method, "a token");
        }
        if (AsciiString.contentEquals("CONNECT", method)) {
            throw new RequestException(501, "method: CONNECT (expected: another one; there are no tunnels here)");
        }
        if (AsciiString.contentEquals("TRACE", method)) {
            throw new RequestException(405, "method: TRACE (expected: another one; it would show fields to scripts)");
        }
    }

    /** Path and query, or an asterisk for OPTIONS. */
    public static void checkTarget(CharSequence method, CharSequence target) {
        if (target.length() == 1 && target.charAt(0) == '*' && AsciiString.contentEquals("OPTIONS", method)) {
            return;
        }
        if (target.length() == 0 || target.charAt(0) != '/') {
            throw bad("target", target, "a path that starts with a slash");
        }
        for (int i = 1; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#' || c == '<' || c == '>' || c == '"') {
                throw bad("target", target, "no space, control character, fragment or angle bracket");
            }
            if (c == '%' && !(i + 2 < target.length() && isHex(target.charAt(i + 1)) && isHex(target.charAt(i + 2)))) {
                throw bad("target", target, "two hexadecimal digits after each percent sign");
            }
        }
    }

    /** Host and optional port, without user information. */
    public static void checkAuthority(CharSequence authority) {
        int length = authority.length();
        int port = length;
        boolean valid = length > 0;
        boolean literal = valid && authority.charAt(0) == '[';
        for (int i = literal ? literalEnd(authority) : 0; valid && i < length; i++) {
            char c = authority.charAt(i);
            if (c == ':') {
                port = i;
                break;
            }
            valid = !literal && isHostCharacter(c);
        }
        if (!valid || port == 0 || port < length && !isPort(authority, port + 1)) {
            throw bad("authority", authority, "host and optional port");
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
            throw bad("authority", authority, "host and port");
        }
    }

    private static boolean isHostCharacter(char c) {
        return isAlphanumeric(c) || "-._~!$&'()*+,;=%".indexOf(c) >= 0;
    }

    /** The position after an IP literal in brackets, or -1 ... as the length, so that what follows is refused. */
    private static int literalEnd(CharSequence authority) {
        for (int i = 1; i < authority.length(); i++) {
            char c = authority.charAt(i);
            if (c == ']') {
                return i > 1 ? i + 1 : 0;
            }
            if (!isHex(c) && c != ':' && c != '.' && c != 'v' && c != '%') {
                return 0; // the bracket itself is then refused as a host character
            }
        }
        return 0;
    }

    private static boolean isPort(CharSequence authority, int start) {
        int value = 0;
        for (int i = start; i < authority.length(); i++) {
            char c = authority.charAt(i);
            if (c < '0' || c > '9' || i - start >= 5) {
                return false;
            }
            value = value * 10 + c - '0';
        }
        return start == authority.length() || value > 0 && value <= 65535;
    }

    /** Exactly {@code http} or {@code https}. */
    public static void checkScheme(CharSequence scheme) {
        if (!AsciiString.contentEquals("http", scheme) && !AsciiString.contentEquals("https", scheme)) {
            throw bad("scheme", scheme, "http or https");
        }
    }

    /** The only expectation there is (RFC 9110 section 10.1.1). */
    public static void checkExpectation(@Nullable CharSequence expect) {
        if (expect != null && !AsciiString.contentEqualsIgnoreCase(expect, CONTINUE)) {
            throw new RequestException(417, "expect: " + printable(expect) + " (expected: 100-continue)");
        }
    }

    public static RequestException bad(String what, CharSequence value, String expected) {
        return new RequestException(400, what + ": " + printable(value) + " (expected: " + expected + ")");
    }

    private static String printable(CharSequence text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            shown.append(c < 0x20 || c >= 0x7f ? '?' : c);
        }
        return text.length() > 80 ? shown + "..." : shown.toString();
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isHex(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }
}
