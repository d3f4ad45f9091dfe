package io.headgate.http;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What is known of the client connection that an exchange came on. Any thread may ask. */
public interface ConnectionInfo {

    /** No connection: the exchange was made in this process. */
    ConnectionInfo NONE = new ConnectionInfo() {
        @Override
        public @Nullable SocketAddress remoteAddress() {
            return null;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return null;
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.HTTP_1_1;
        }

        @Override
        public boolean isSecure() {
            return false;
        }

        @Override
        public String toString() {
            return "no connection";
        }
    };

    /**
     * The other end.
     *
     * @return the address, or null when there is no connection
     */
    @Nullable SocketAddress remoteAddress();

    /**
     * This end.
     *
     * @return the address, or null when there is no connection
     */
    @Nullable SocketAddress localAddress();

    /**
     * The version that the client speaks.
     *
     * @return the version
     */
    HttpVersion version();

    /**
     * Tells whether the connection is protected by TLS.
     *
     * @return true for TLS
     */
    boolean isSecure();

    /**
     * What was agreed in the TLS handshake, with the identity of a client that showed a certificate.
     *
     * @return the facts, or null for cleartext
     */
    default @Nullable TlsInfo tls() {
        return null;
    }
}
