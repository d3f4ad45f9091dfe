package io.headgate.rpc.zrepl;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcSettings;

/**
 * What the layer of calls needs of whatever carries it: a thread, a clock, and a way out. All but {@link #inLoop} and {@link #run} is for the
 * thread of the connection.
 */
interface CallHost {

    /** Whether this is called on the thread of the connection. What is done often asks first, and does without a task then. */
    boolean inLoop();

    /** Runs now when called on the thread of the connection, else soon; and when that has ended, on the calling one. */
    void run(Runnable task);

    /** Runs after what is under way now, so that others get their turn. */
    void later(Runnable task);

    long now();

    /** Something has begun that a clock must be looked at for. */
    void needsTime();

    /** Whether the byte stream is open. */
    boolean isOpen();

    /** Whether more should be written now. */
    boolean isWritable();

    /** What was written leaves at the end of this turn. */
    void flush();

    /** What was written leaves now. */
    void flushNow();

    /** The layer has become ready for what it was not ready for before. */
    void ready();

    /** No call is under way any more. */
    void settled();

    /** The other side has said goodbye, or answered ours, in the words of the layer of calls. */
    void goodbye();

    /** The other side has sent a reset. */
    void peerReset();

    /** The connection is over. With a reset for the other side, after all that was written before. */
    void fail(Ending ending);

    RpcSettings settings();

    Watch watch();
}
