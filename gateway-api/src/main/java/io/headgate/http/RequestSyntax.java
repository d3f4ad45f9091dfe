package io.headgate.http;

/**
 * What the parts of a request head may look like. Every {@link RequestHead} holds to it, whoever made it, so what is
 * written to an upstream can never end its line or its message early. Any thread may ask; nothing is allocated.
 */
public final class RequestSyntax {

    private static final byte TOKEN = 1;
    private static final byte TARGET = 2;
    private static final byte HOST = 4;
    private static final byte HEX = 8;
    private static final byte SCHEME = 16;
    private static final byte LITERAL = 32;
    private static final byte[] CLASSES = classes();

    private RequestSyntax() {}

    private static byte[] classes() {
        byte[] classes = new byte[128];
        for (char c = '!'; c < 0x7f; c++) {
            classes[c] |= "#<>\"".indexOf(c) < 0 ? TARGET : 0;
        }
        mark(classes, "!#$%&'*+-.^_`|~", TOKEN);
        mark(classes, "-._~!$&'()*+,;=%", HOST);
        mark(classes, "+-.", SCHEME);
        mark(classes, ":.v%", LITERAL);
        for (char c = '0'; c <= '9'; c++) {
            classes[c] |= TOKEN | HOST | HEX | SCHEME | LITERAL;
        }
        for (char c = 'a'; c <= 'z'; c++) {
            int both = TOKEN | HOST | SCHEME | (c <= 'f' ? HEX | LITERAL : 0);
            classes[c] |= both;
            classes[c - 'a' + 'A'] |= both;
        }
        return classes;
    }

    private static void mark(byte[] classes, String characters, byte mark) {
        for (int i = 0; i < characters.length(); i++) {
            classes[characters.charAt(i)] |= mark;
        }
    }

    private static boolean is(char c, byte mark) {
        return c < 128 && (CLASSES[c] & mark) != 0;
    }

    /**
     * Tells whether a method is a token (RFC 9110 section 9.1).
     *
     * @param method the text
     * @return true for a token
     */
    public static boolean isMethod(CharSequence method) {
        for (int i = 0; i < method.length(); i++) {
            if (!is(method.charAt(i), TOKEN)) {
                return false;
            }
        }
        return method.length() > 0;
    }

    /**
     * Tells whether a target is a path with an optional query: no space, control character, fragment, quote or angle
     * bracket, none above ASCII, and two hexadecimal digits after each percent sign (RFC 9112 section 3.2.1).
     *
     * @param target the text
     * @return true for a path
     */
    public static boolean isPath(CharSequence target) {
        int length = target.length();
        for (int i = 0; i < length; i++) {
            char c = target.charAt(i);
            if (!is(c, TARGET) || c == '%' && !isEscape(target, i)) {
                return false;
            }
        }
        return length > 0 && target.charAt(0) == '/';
    }

    private static boolean isEscape(CharSequence text, int at) {
        return at + 2 < text.length() && is(text.charAt(at + 1), HEX) && is(text.charAt(at + 2), HEX);
    }

    /**
     * Tells whether an authority is a host, a name or an address, and an optional port, without user information (RFC 9110
     * section 7.2).
     *
     * @param authority the text
     * @return true for a host and optional port
     */
    public static boolean isAuthority(CharSequence authority) {
        int length = authority.length();
        int at = length > 0 && authority.charAt(0) == '[' ? literalEnd(authority) : nameEnd(authority);
        return at > 0 && (at == length || authority.charAt(at) == ':' && isPort(authority, at + 1));
    }

    private static int nameEnd(CharSequence authority) {
        int at = 0;
        while (at < authority.length() && is(authority.charAt(at), HOST)) {
            at++;
        }
        return at;
    }

    /** The position behind an IP literal in brackets, or 0. */
    private static int literalEnd(CharSequence authority) {
        int at = 1;
        while (at < authority.length() && is(authority.charAt(at), LITERAL)) {
            at++;
        }
        return at > 1 && at < authority.length() && authority.charAt(at) == ']' ? at + 1 : 0;
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

    /**
     * Tells whether a scheme is one (RFC 3986 section 3.1).
     *
     * @param scheme the text
     * @return true for a scheme, known or not
     */
    public static boolean isScheme(CharSequence scheme) {
        for (int i = 0; i < scheme.length(); i++) {
            if (!is(scheme.charAt(i), SCHEME)) {
                return false;
            }
        }
        return scheme.length() > 0 && Character.isLetter(scheme.charAt(0));
    }
}
