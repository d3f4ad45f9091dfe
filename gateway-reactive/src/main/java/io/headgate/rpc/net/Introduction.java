package io.headgate.rpc.net;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;

/**
 * What a client says first on a channel within this process, by reference as all that passes there: who it is and what it
 * speaks. The answer says how calls go from there.
 *
 * @param dialect what it speaks
 * @param rpc what its side of the connection is made with
 */
record Introduction(Dialect dialect, RpcSpec rpc) {

    /** What the server says to it. */
    sealed interface Answer permits HandedOver, Refused {}

    /** There is a connection, and the channel has done what it was for. */
    static final class HandedOver implements Answer {

        private final RpcConnection connection;
        private volatile boolean taken;

        HandedOver(RpcConnection connection) {
            this.connection = connection;
        }

        /** The client's side, which is its own from here on. */
        RpcConnection take() {
            taken = true;
            return connection;
        }

        /** Whether the answer has come to its client; a channel that was closed before loses it. */
        boolean isTaken() {
            return taken;
        }
    }

    /**
     * There will be no connection.
     *
     * @param why for the client
     */
    record Refused(String why) implements Answer {}
}
