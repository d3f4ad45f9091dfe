package io.headgate.mux.fuzz;

import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import java.util.Locale;
import java.util.Set;

/**
 * What every request head that reaches a service must look like, said a second time and independently of the main code: with
 * a head for which this holds nobody upstream can be told of two requests where the client sent one.
 */
public final class HeadOracle {

    private static final String TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String HEX = "0123456789abcdefABCDEF";
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "connection",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy",
            "proxy-connection",
            "transfer-encoding",
            "upgrade");

    private HeadOracle() {}

    public static void check(RequestHead head) {
        checkLine(head);
        checkFields(head.fields());
    }

    private static void checkLine(RequestHead head) {
        ensure(isToken(head.method()), "method", head.method());
        ensure(!head.method().equals("CONNECT") && !head.method().equals("TRACE"), "method", head.method());
        ensure(head.scheme().equals("http") || head.scheme().equals("https"), "scheme", head.scheme());
        checkTarget(head.method(), head.target());
        checkAuthority(head.authority());
    }

    /** The head of a reply: no field of the connection, nothing that ends a line. */
    static void check(ReplyHead head) {
        ensure(head.status() >= 200 && head.status() < 600 || head.status() == 101, "status", head.status());
        for (int i = 0; i < head.fields().size(); i++) {
            String name = head.fields().name(i).toString();
            ensure(isToken(name), "field name", name);
            ensure(!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT)), "field of the connection", name);
            checkCharacters(name, head.fields().value(i).toString());
        }
    }

    private static void checkTarget(String method, String target) {
        ensure(target.startsWith("/") || target.equals("*") && method.equals("OPTIONS"), "target", target);
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            ensure(c > 0x20 && c < 0x7f && "#<>\"".indexOf(c) < 0, "target", target);
            if (c == '%') {
                ensure(i + 2 < target.length(), "target", target);
                ensure(
                        HEX.indexOf(target.charAt(i + 1)) >= 0 && HEX.indexOf(target.charAt(i + 2)) >= 0,
                        "target",
                        target);
            }
        }
    }

    private static void checkAuthority(String authority) {
        int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
        String host = end < 0 ? authority : authority.substring(0, end);
        String port = end < 0 ? "" : authority.substring(end);
        ensure(!host.isEmpty(), "authority", authority);
        String inside = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        for (int i = 0; i < inside.length(); i++) {
            char c = inside.charAt(i);
            ensure(c > 0x20 && c < 0x7f && "/?#@[]\\<>\"^`{|}".indexOf(c) < 0, "authority", authority);
        }
        if (!port.isEmpty()) {
            ensure(port.startsWith(":") && port.length() <= 6, "authority", authority);
            ensure(port.substring(1).chars().allMatch(c -> c >= '0' && c <= '9'), "authority", authority);
            int number = port.length() == 1 ? 80 : Integer.parseInt(port.substring(1));
            ensure(number > 0 && number < 65536, "authority", authority);
        }
    }

    private static void checkFields(Fields fields) {
        int lengths = 0;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i).toString();
            String value = fields.value(i).toString();
            ensure(isToken(name), "field name", name);
            checkValue(name, value);
            String known = name.toLowerCase(Locale.ROOT);
            ensure(!OF_THE_CONNECTION.contains(known), "field of the connection", name);
            ensure(!known.equals("te") || value.equals("trailers"), "te", value);
            if (known.equals("content-length")) {
                ensure(++lengths == 1, "content-length: repeated", value);
                ensure(!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9'), name, value);
            }
        }
    }

    /** No byte that ends a line or a string, and none that a reader may trim away or take for another. */
    static void checkValue(String name, String value) {
        checkCharacters(name, value);
        ensure(value.equals(trimmed(value)), "value of " + name, value);
    }

    private static void checkCharacters(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            ensure((c >= 0x20 || c == '\t') && c != 0x7f && c <= 0xff, "value of " + name, value);
        }
    }

    private static String trimmed(String value) {
        int start = 0;
        int end = value.length();
        while (start < end && " \t".indexOf(value.charAt(start)) >= 0) {
            start++;
        }
        while (end > start && " \t".indexOf(value.charAt(end - 1)) >= 0) {
            end--;
        }
        return value.substring(start, end);
    }

    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (TOKEN.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    static void ensure(boolean holds, String what, Object value) {
        if (!holds) {
            throw new AssertionError(what + ": " + Text.printable(value.toString()));
        }
    }
}
