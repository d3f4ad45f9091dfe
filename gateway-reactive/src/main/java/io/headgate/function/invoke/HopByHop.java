package io.headgate.function.invoke;

import io.headgate.http.Fields;
import io.netty.util.AsciiString;
import java.util.List;

/** Fields of one connection, which go neither to a function nor back (RFC 9110 section 7.6.1). */
final class HopByHop {

    private static final AsciiString CONNECTION = AsciiString.cached("connection");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_AUTHENTICATE = AsciiString.cached("proxy-authenticate");
    private static final AsciiString PROXY_AUTHORIZATION = AsciiString.cached("proxy-authorization");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString TRAILER = AsciiString.cached("trailer");
    private static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
    private static final AsciiString UPGRADE = AsciiString.cached("upgrade");

    private HopByHop() {}

    /**
     * Tells whether a field stays behind.
     *
     * @param value decides for {@code te}: {@code trailers} says nothing of the connection
     */
    static boolean matches(CharSequence name, CharSequence value) {
        return switch (name.length()) {
            case 2 -> is(name, TE) && !is(value, TRAILERS);
            case 7 -> is(name, TRAILER) || is(name, UPGRADE);
            case 10 -> is(name, CONNECTION) || is(name, KEEP_ALIVE);
            case 16 -> is(name, PROXY_CONNECTION);
            case 17 -> is(name, TRANSFER_ENCODING);
            case 18 -> is(name, PROXY_AUTHENTICATE);
            case 19 -> is(name, PROXY_AUTHORIZATION);
            default -> false;
        };
    }

    /** The names that {@code connection} adds to the list; empty for nearly every message. */
    static List<String> named(Fields fields) {
        return fields.contains(CONNECTION) ? split(fields.all(CONNECTION)) : List.of();
    }

    private static List<String> split(List<String> values) {
        return values.stream()
                .flatMap(value -> List.of(value.split(",")).stream())
                .map(String::strip)
                .toList();
    }

    static boolean isNamed(List<String> named, CharSequence name) {
        if (named.isEmpty()) {
            return false;
        }
        return named.stream().anyMatch(each -> is(name, each));
    }

    private static boolean is(CharSequence one, CharSequence other) {
        return AsciiString.contentEqualsIgnoreCase(one, other);
    }
}
