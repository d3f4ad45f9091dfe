package io.headgate.samples;

import io.headgate.gateway.ListenerSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where to listen.
 *
 * @param host a name or an address, without brackets
 * @param port 0 lets the system choose
 */
record ListenAddress(String host, int port) {

    private static final int MAX_PORT = 65535;

    /** Reads {@code HOST:PORT}; an IPv6 address stands in brackets. */
    static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        int port = port(text.substring(colon + 1));
        if (bare.isBlank() || port < 0 || bracketed != bare.contains(":")) {
            throw new IllegalArgumentException(text + " (expected: HOST:PORT, the port in 0.." + MAX_PORT + ")");
        }
        return new ListenAddress(bare, port);
    }

    private static int port(String digits) {
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : -1;
        return port > MAX_PORT ? -1 : port;
    }

    ListenerSpec spec() {
        return ListenerSpec.of(host, port);
    }

    /** The URL under which this machine reaches a bound address. */
    static String url(String scheme, InetSocketAddress bound) {
        InetAddress address = bound.getAddress();
        String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort();
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** For the command line. */
    static final class Converter implements ITypeConverter<ListenAddress> {

        @Override
        public ListenAddress convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
