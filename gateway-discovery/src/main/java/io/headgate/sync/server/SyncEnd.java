package io.headgate.sync.server;

/** Why a client of a {@link SyncServer} is no longer connected. */
public enum SyncEnd {

    /** It closed the connection. */
    LEFT,

    /** The connection broke. */
    BROKEN,

    /** No hello came in time; a TLS handshake that did not end counts as that. */
    NO_HELLO,

    /** The TLS handshake failed. */
    TLS_FAILED,

    /** Its certificate is not that of a peer that is let in. */
    WRONG_PEER,

    /** It sent a message that it may not send then. */
    WRONG_MESSAGE,

    /** It sent bytes that are none of the protocol. */
    BAD_BYTES,

    /** It sent a message that is too long. */
    TOO_LONG,

    /** It asked for a topic that the server does not have. */
    UNKNOWN_TYPE,

    /** It does not know the policy keys of today, and the server wants it to. */
    OLD_POLICY_KEYS,

    /** It named more prefixes than the server takes, or the server serves too many different sets of them. */
    TOO_MANY_PREFIXES,

    /** It did not answer a ping in time. */
    NO_PONG,

    /** It did not acknowledge the end of a decoder in time. */
    NO_ACK,

    /** It took none of the bytes that waited for it. */
    NO_PROGRESS,

    /** It fell too far behind. */
    FELL_BEHIND,

    /** It took too long for its snapshot. */
    SLOW_SNAPSHOT,

    /** There were too many clients, and it was the one that was drawn. */
    SHED,

    /** The server shuts down. */
    SHUTDOWN,

    /** The server failed at it; the log says how. */
    FAILED;

    /**
     * Whether the client did something that it must not, rather than that it was slow, left or was asked to.
     *
     * @return true for what an operator should look into on the client's side
     */
    public boolean isFaultOfClient() {
        return switch (this) {
            case TLS_FAILED,
                    WRONG_PEER,
                    WRONG_MESSAGE,
                    BAD_BYTES,
                    TOO_LONG,
                    UNKNOWN_TYPE,
                    OLD_POLICY_KEYS,
                    TOO_MANY_PREFIXES -> true;
            default -> false;
        };
    }
}
