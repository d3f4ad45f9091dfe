package io.headgate.forward;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One step of a chain: who made the request, and what the proxy that was asked says of it.
 *
 * @param address who made it, or null when that is hidden or not known
 * @param node the same as text without quotes: an address, {@code unknown}, or a name that begins with an underscore
 * @param scheme what was spoken, or null when it is not said
 * @param host what was asked for, or null when it is not said
 * @param text how the chain had it, for chains of the same form
 */
record Hop(
        @Nullable InetAddress address,
        String node,
        @Nullable String scheme,
        @Nullable String host,
        String text) {

    static final String UNKNOWN = "unknown";

    /** A hop of a node alone; null when the text is none (RFC 7239 section 6, and bare IPv6 as X-Forwarded-For has it). */
    static @Nullable Hop ofNode(String text) {
        InetAddress address = address(text);
        if (address != null) {
            return new Hop(address, NetUtil.toAddressString(address), null, null, text);
        }
        return text.equalsIgnoreCase(UNKNOWN) || isHidden(text) ? new Hop(null, text, null, null, text) : null;
    }

    private static @Nullable InetAddress address(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            boolean closed = end > 0 && (end == text.length() - 1 || isPort(text, end + 1));
            InetAddress address = closed ? Networks.parse(text.substring(1, end)) : null;
            return address;
        }
        int colon = text.indexOf(':');
        boolean port = colon > 0 && colon == text.lastIndexOf(':') && isPort(text, colon);
        return Networks.parse(port ? text.substring(0, colon) : text);
    }

    /** A colon and a port, which may be hidden, too. */
    private static boolean isPort(String text, int colon) {
        String port = text.substring(colon + 1);
        boolean number = !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
        return text.charAt(colon) == ':' && (number || isHidden(port));
    }

    private static boolean isHidden(String text) {
        return text.length() > 1
                && text.charAt(0) == '_'
                && text.chars()
                        .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '.' || c == '_' || c == '-'));
    }

    /** The node as a value of {@code for}: colons and brackets want quotes. */
    static void appendNode(StringBuilder out, String node) {
        if (node.indexOf(':') >= 0) {
            out.append("\"[").append(node).append("]\"");
        } else {
            out.append(node);
        }
    }

    static String nodeOf(@Nullable InetAddress address) {
        if (address == null) {
            return UNKNOWN;
        }
        return address instanceof Inet6Address ? NetUtil.toAddressString(address) : address.getHostAddress();
    }
}
