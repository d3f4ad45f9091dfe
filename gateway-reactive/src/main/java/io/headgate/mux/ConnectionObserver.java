package io.headgate.mux;

import io.headgate.resolve.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Is told of connections, those of clients and those to upstreams: the place for metrics of the transport.
 *
 * <p><b>Threading.</b> Called on the event loop of the connection, possibly of several at once; must not block. What it throws is
 * logged and otherwise ignored. Without an observer nothing is called, and nothing is spent.
 */
@FunctionalInterface
public interface ConnectionObserver {

    /** Nobody wants to know. */
    ConnectionObserver NONE = (upstream, secure) -> null;

    /** Is told of one connection, on its event loop. */
    interface Watch {

        /**
         * Bytes have come from the network.
         *
         * @param bytes how many, those of TLS included
         */
        default void onRead(int bytes) {}

        /**
         * Bytes have been handed to the socket.
         *
         * @param bytes how many, those of TLS included
         */
        default void onWritten(int bytes) {}

        /**
         * The connection is closed; the last call, and always one.
         *
         * @param cause the last failure of the socket, or null when it had none
         */
        void onClose(@Nullable Throwable cause);
    }

    /**
     * A connection is there: accepted, or made.
     *
     * @param upstream where it leads, or null for one of a client
     * @param secure whether TLS is spoken on it
     * @return is told what becomes of it, or null when nobody wants to know
     */
    @Nullable Watch opened(@Nullable Endpoint upstream, boolean secure);
}
