package io.headgate.mux;

import io.headgate.http.ConnectionInfo;

/**
 * Is told when a peer oversteps a limit or breaks the protocol: the place to count attacks and to find out who makes them.
 *
 * <p><b>Threading.</b> Called on the event loop of the connection, possibly of several at once; must not block. Peers decide
 * how often it is called, so it should be cheap. What it throws is logged and otherwise ignored. Nothing is called, and
 * nothing is spent, while peers behave.
 */
@FunctionalInterface
public interface LimitObserver {

    /** Nobody wants to know. */
    LimitObserver NONE = (limit, connection) -> {};

    /**
     * A limit has been overstepped; what follows from it is done already or about to be done.
     *
     * @param limit which one
     * @param connection the connection of the peer: a client, or an upstream
     */
    void exceeded(Limit limit, ConnectionInfo connection);
}
