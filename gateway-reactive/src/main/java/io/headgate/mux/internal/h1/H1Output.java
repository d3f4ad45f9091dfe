package io.headgate.mux.internal.h1;

import io.headgate.mux.internal.Flushable;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.OutputBuffer;
import io.netty.channel.ChannelHandlerContext;

/**
 * The sending half of an HTTP/1.1 connection, either side: what is written leaves at the end of the loop turn, or before when it
 * is long. Bytes of a body count as sent at once while the channel has room, so that their source may go on; else when it has
 * room again.
 */
final class H1Output implements Flushable {

    private final Loop loop;
    private final ChannelHandlerContext ctx;
    private final OutputBuffer buffer;
    private boolean dirty;
    private boolean closed;
    private boolean flushed;
    private int owed; // bytes handed to the channel that do not count as sent

    H1Output(Loop loop, ChannelHandlerContext ctx) {
        this.loop = loop;
        this.ctx = ctx;
        this.buffer = new OutputBuffer(ctx);
    }

    /** Where messages are written to. */
    OutputBuffer buffer() {
        return buffer;
    }

    /** Another message begins: nobody waits for what the one before left behind. */
    void begin() {
        owed = 0;
        flushed = false;
    }

    /** Whether something of the message may be on the wire. */
    boolean isFlushed() {
        return flushed;
    }

    /**
     * Bytes of a body were written.
     *
     * @param last whether nothing follows: then it leaves at the end of the turn
     * @return whether they count as sent; if not, {@link #settle} tells them later
     */
    boolean written(int bytes, boolean last) {
        if (!last && buffer.isLong()) {
            flushed = true;
            buffer.flushAhead();
        }
        if (ctx.channel().isWritable()) {
            return true;
        }
        owed += bytes;
        return false;
    }

    /** The channel has got or lost room: how many more bytes count as sent. */
    int settle() {
        if (!ctx.channel().isWritable()) {
            return 0;
        }
        int bytes = owed;
        owed = 0;
        return bytes;
    }

    void flushLater() {
        if (!dirty) {
            dirty = true;
            loop.flushLater(this);
        }
    }

    @Override
    public void flushNow() {
        dirty = false;
        if (!closed) {
            flushed = true;
            buffer.flush();
        }
    }

    /** Drops what has not left; the connection is gone. */
    void close() {
        closed = true;
        buffer.release();
    }

    @Override
    public String toString() {
        return "output of HTTP/1.1 connection " + ctx.channel();
    }
}
