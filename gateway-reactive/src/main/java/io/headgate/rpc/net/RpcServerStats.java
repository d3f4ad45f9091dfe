package io.headgate.rpc.net;

/**
 * What a server does, at the time of asking.
 *
 * @param listening whether it accepts connections
 * @param connections clients that are connected, those included whose dialect is not known yet
 * @param incoming calls of clients that have not ended
 * @param outgoing calls to clients that have not ended
 * @param accepted clients in total
 * @param refused clients that were closed at once, because there were too many
 * @param strangers clients that spoke no dialect of the server, or nothing in time
 * @param failedHandshakes clients whose TLS handshake failed, or did not end in time; those that were gone within their first
 *     message are not among them
 */
public record RpcServerStats(
        boolean listening,
        int connections,
        int incoming,
        int outgoing,
        long accepted,
        long refused,
        long strangers,
        long failedHandshakes) {

    /**
     * Whether nothing is left to wait for.
     *
     * @return true when it does not listen and no client is connected
     */
    public boolean isDrained() {
        return !listening && connections == 0;
    }
}
