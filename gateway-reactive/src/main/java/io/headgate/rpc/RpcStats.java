package io.headgate.rpc;

import java.time.Duration;

/**
 * What one connection does. Liveness and progress are different things: a peer that answers heartbeats is alive, whatever
 * its streams do.
 *
 * @param phase where the connection is in its life
 * @param outgoing calls of this side that have not ended
 * @param incoming calls of the other side that have not ended
 * @param bytesIn bytes read from the byte stream, in total
 * @param bytesOut bytes written to it, in total
 * @param heldIn bytes that were received and wait for their consumers; bounded by the credit that was given
 * @param sinceHeard how long ago the last byte of the other side came
 * @param roundTrip of the last heartbeat that was answered; zero when there was none
 * @param sinceProgress of the stream that has waited longest while it might have moved; zero when none waits
 */
public record RpcStats(
        Phase phase,
        int outgoing,
        int incoming,
        long bytesIn,
        long bytesOut,
        long heldIn,
        Duration sinceHeard,
        Duration roundTrip,
        Duration sinceProgress) {

    /** Where a connection, or one of its layers, is in its life. */
    public enum Phase {
        /** The handshake goes on. */
        OPENING,
        /** Calls go both ways. */
        OPEN,
        /** New calls are refused; those in flight finish. */
        DRAINING,
        /** Goodbyes are exchanged. */
        CLOSING,
        /** It is over, and was clean. */
        CLOSED,
        /** It is over, and something was cut. */
        ABORTED
    }
}
