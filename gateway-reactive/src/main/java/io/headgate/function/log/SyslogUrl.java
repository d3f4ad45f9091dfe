package io.headgate.function.log;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where a syslog server is.
 *
 * @param scheme how it is spoken to
 * @param place a host without brackets, or the path of a socket
 * @param port 1 to 65535, or 0 for sockets with a path
 */
record SyslogUrl(Scheme scheme, String place, int port) {

    /** The ways to speak to a syslog server. */
    enum Scheme {
        /** Octet counting (RFC 6587); 601 is the port of syslog-conn. */
        TCP("tcp", 601, true),
        /** A message per datagram (RFC 5426). */
        UDP("udp", 514, false),
        /** As TCP, on a unix socket. */
        UNIX("unix", 0, true),
        /** As UDP, on a unix socket. */
        UNIXGRAM("unixgram", 0, false),
        /** RFC 5425. */
        TLS("tcp+tls", 6514, true);

        private final String text;
        private final int port;
        private final boolean stream;

        Scheme(String text, int port, boolean stream) {
            this.text = text;
            this.port = port;
            this.stream = stream;
        }

        boolean isStream() {
            return stream;
        }

        boolean isPath() {
            return port == 0;
        }

        static @Nullable Scheme of(String text) {
            for (Scheme scheme : values()) {
                if (scheme.text.equalsIgnoreCase(text)) {
                    return scheme;
                }
            }
            return null;
        }
    }

    private static final String EXPECTED =
            " (expected: tcp://host:port, udp://host:port, tcp+tls://host:port, unix:///path or unixgram:///path)";

    /** Reads one; an {@link IllegalArgumentException} says what is wrong. */
    static SyslogUrl of(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text);
        }
        Scheme scheme = uri.getScheme() == null ? null : Scheme.of(uri.getScheme());
        if (scheme == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw wrong(text);
        }
        return scheme.isPath() ? path(text, scheme, uri) : host(text, scheme, uri);
    }

    private static SyslogUrl path(String text, Scheme scheme, URI uri) {
        String path = uri.getPath();
        if (uri.getRawAuthority() != null || path == null || !path.startsWith("/") || path.length() < 2) {
            throw wrong(text);
        }
        return new SyslogUrl(scheme, path, 0);
    }

    private static SyslogUrl host(String text, Scheme scheme, URI uri) {
        String host = uri.getHost();
        boolean bare = uri.getRawPath() == null
                || uri.getRawPath().isEmpty()
                || uri.getRawPath().equals("/");
        int port = uri.getPort() < 0 ? scheme.port : uri.getPort();
        if (host == null || !bare || uri.getRawUserInfo() != null || port < 1 || port > 65535) {
            throw wrong(text);
        }
        boolean brackets = host.startsWith("[");
        return new SyslogUrl(scheme, brackets ? host.substring(1, host.length() - 1) : host, port);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("syslog_url: " + text + EXPECTED);
    }

    @Override
    public String toString() {
        String host = place.indexOf(':') < 0 ? place : "[" + place + "]";
        return scheme.text + "://" + (scheme.isPath() ? place : host + ":" + port);
    }
}
