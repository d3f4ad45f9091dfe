package io.headgate.rpc.zrepl;

import io.headgate.rpc.Ending;

/** The topmost layer: what the connection needs of it. For the thread of the connection. */
interface CallLayer extends MessageSink {

    /** Begins nothing new, and settles when nothing is under way. */
    void drain();

    /** Ends at once what is under way. */
    void cut();

    /** Says goodbye. */
    void close();

    /** The connection has ended: everything that is under way fails. */
    void lost(Ending ending);

    /** The time passes. */
    void tick(long now);

    /** Whether {@link #tick} has something to look at. */
    boolean needsTime();

    /** More may be written; said first when the byte stream is open. */
    void writable();

    /** Whether a call waits for bytes of the other side. */
    boolean waitsForPeer();

    /** Calls that have not ended. */
    int active();

    /** The endpoint of the call that is under way, or nothing. */
    String endpoint();
}
