package io.headgate.sync.client;

/** What a client says of itself that it can do; a server that does not know a feature goes without. */
public enum SyncFeature {

    /** Knows the keys of policies of today's Calico; its servers refuse clients that do not. A client that moves opaque keys does. */
    POLICY_KEYS,

    /** Can begin a new stream of bytes within the connection: what compression, and snapshots that clients share, need. */
    DECODER_RESTART,

    /** Reads snappy. Of no use without {@link #DECODER_RESTART}. */
    SNAPPY,

    /** Wants to be told why it is refused. Servers of ours alone say so. */
    REFUSALS,

    /** Goes on at the position where a connection broke, when the server can still do that. Servers of ours alone can. */
    RESUME
}
