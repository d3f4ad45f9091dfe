package io.headgate.sync.client;

/** Why a connection of a {@link SyncClient} has ended, or never came about. */
public enum SyncLoss {

    /** There was no connection, or not in time. */
    UNREACHABLE,

    /** The TLS handshake failed, or the server did not like what it was shown. */
    TLS_FAILED,

    /** The certificate of the server is that of somebody else. */
    WRONG_PEER,

    /** The server said hello as one that does not have what is wanted. */
    WRONG_SERVER,

    /** The server gave a reason, and closed the connection. */
    REFUSED,

    /** The server closed the connection. */
    CLOSED,

    /** The connection broke. */
    BROKEN,

    /** The server said nothing for too long. */
    SILENT,

    /** The server did not take what was written to it. */
    NOT_READING,

    /** The server sent bytes that are none of the protocol. */
    BAD_BYTES,

    /** The server sent a message that is too long. */
    TOO_LONG,

    /** The server sent a message that it may not send then. */
    WRONG_MESSAGE,

    /** The server had not heard of the source of all for too long, so that the client left it. */
    STALE,

    /** Something went wrong on the client's side; the log says what. */
    FAILED;

    /**
     * Whether the connection may just have broken, so that it makes sense to go on at the same server.
     *
     * @return false when the server, or what it says, was the reason
     */
    boolean mayGoOn() {
        return switch (this) {
            case UNREACHABLE, CLOSED, BROKEN, SILENT, NOT_READING -> true;
            default -> false;
        };
    }
}
