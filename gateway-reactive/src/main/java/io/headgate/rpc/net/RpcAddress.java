package io.headgate.rpc.net;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/**
 * Where a server listens, as text: {@code tcp://host:port}, {@code tls://host:port}, {@code unix:/path} or {@code local:name}.
 *
 * @param scheme the kind of byte stream
 * @param host a name or an address, for TCP and TLS; else the path or the name
 * @param port 0 to 65535 for TCP and TLS; 0 lets the system choose. Else 0
 */
public record RpcAddress(Scheme scheme, String host, int port) {

    /** The kind of byte stream. */
    public enum Scheme {
        /** TCP in cleartext. */
        TCP,
        /** TLS over TCP. */
        TLS,
        /** A socket in the file system of this machine; needs a native transport. */
        UNIX,
        /** In this process: calls are handed over as objects, where the dialect of both sides needs no bytes. */
        LOCAL;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        private boolean hasPort() {
            return this == TCP || this == TLS;
        }
    }

    private static final String EXPECTED = " (expected: tcp://host:port, tls://host:port, unix:/path or local:name)";

    /** What the kernel has room for, with a byte for the end: 108 bytes on Linux, 104 elsewhere. */
    static final int MAX_PATH =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux") ? 107 : 103;

    /** Checks the parts. */
    public RpcAddress {
        Objects.requireNonNull(scheme, "scheme");
        if (host.isEmpty()) {
            throw new IllegalArgumentException("address: " + scheme.text() + " of nothing" + EXPECTED);
        }
        if (port < 0 || port > 65535 || port != 0 && !scheme.hasPort()) {
            throw new IllegalArgumentException(
                    "port: " + port + " (expected: " + (scheme.hasPort() ? "0..65535)" : "0, it has none)"));
        }
        int bytes = host.getBytes(StandardCharsets.UTF_8).length;
        if (scheme == Scheme.UNIX && bytes > MAX_PATH) {
            throw new IllegalArgumentException("path: " + bytes + " bytes (expected: at most " + MAX_PATH
                    + ", more does not fit in the address of a unix" + " socket): " + host);
        }
    }

    /**
     * Reads an address.
     *
     * @param text such as {@code tcp://127.0.0.1:7000}; addresses of IPv6 in brackets
     * @return the address
     * @throws IllegalArgumentException when it is none; the message says what is expected
     */
    public static RpcAddress of(String text) {
        int colon = text.indexOf(':');
        String scheme = colon < 0 ? "" : text.substring(0, colon);
        String rest = text.substring(colon + 1);
        return switch (scheme) {
            case "tcp" -> withPort(Scheme.TCP, rest, text);
            case "tls" -> withPort(Scheme.TLS, rest, text);
            case "unix" -> new RpcAddress(Scheme.UNIX, rest.startsWith("///") ? rest.substring(2) : rest, 0);
            case "local" -> new RpcAddress(Scheme.LOCAL, rest, 0);
            default -> throw wrong(text);
        };
    }

    private static RpcAddress withPort(Scheme scheme, String rest, String text) {
        int colon = rest.lastIndexOf(':');
        if (!rest.startsWith("//") || colon < 3) {
            throw wrong(text);
        }
        String host = rest.substring(2, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.indexOf(':') >= 0) {
            throw wrong(text);
        }
        try {
            int port = Integer.parseInt(rest.substring(colon + 1));
            return new RpcAddress(scheme, bracketed ? host.substring(1, host.length() - 1) : host, port);
        } catch (NumberFormatException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("address: " + text + EXPECTED);
    }

    /** A copy with the port that the system chose. */
    RpcAddress withPort(int chosen) {
        return new RpcAddress(scheme, host, chosen);
    }

    /**
     * The address as text, as {@link #of} reads it.
     *
     * @return the text
     */
    @Override
    public String toString() {
        if (!scheme.hasPort()) {
            return scheme.text() + ":" + host;
        }
        return scheme.text() + "://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
