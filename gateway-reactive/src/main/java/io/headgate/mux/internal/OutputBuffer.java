package io.headgate.mux.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what a connection writes in one loop turn, so that heads, frames and small bodies leave in one send. Large
 * bodies pass by reference, in order.
 */
public final class OutputBuffer {

    /** Up to here a copy is cheaper than a vectored write. */
    private static final int COPY_LIMIT = 4096;

    private static final int LEAST_CAPACITY = 512;
    private static final int MOST_GATHERED = 64 * 1024;

    /** From here on waiting for more does not make a send cheaper, and the bytes leave the processor's cache. */
    private static final int WORTH_A_SEND = 32 * 1024;

    /** Bytes sent ahead of the end of a loop turn, after which others get theirs: a source may have no end, and its client be fast. */
    private static final int MOST_AHEAD = 1 << 20;

    private final ChannelHandlerContext ctx;
    private int capacity = LEAST_CAPACITY;
    private int written; // of large bodies since the last flush
    private int ahead; // sent in this loop turn
    private @Nullable ByteBuf gathered;

    public OutputBuffer(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /** The buffer to write small things to; lent until the next call. */
    public ByteBuf tail(int expected) {
        ByteBuf buffer = gathered;
        if (buffer != null && buffer.readableBytes() + expected > MOST_GATHERED) {
            drain();
            buffer = null;
        }
        if (buffer == null) {
            buffer = ctx.alloc().directBuffer(Math.max(expected, capacity));
            gathered = buffer;
        }
        return buffer;
    }

    /** Writes bytes of a body; takes ownership. */
    public void write(ByteBuf data) {
        int length = data.readableBytes();
        if (length <= COPY_LIMIT) {
            ByteBuf tail = tail(length);
            tail.ensureWritable(length);
            data.readBytes(tail, length); // the other way round, pooled buffers make a view of both
            data.release();
        } else {
            drain();
            written += length;
            ctx.write(data, ctx.voidPromise());
        }
    }

    public boolean isEmpty() {
        return gathered == null;
    }

    /** Whether there is no point in waiting for the end of the loop turn. */
    public boolean isLong() {
        return written >= WORTH_A_SEND && ahead < MOST_AHEAD;
    }

    /** Sends what is written before the loop turn ends. */
    public void flushAhead() {
        ahead += written;
        send();
    }

    /** Sends what is written, at the end of a loop turn. */
    public void flush() {
        ahead = 0;
        send();
    }

    private void send() {
        written = 0;
        drain();
        ctx.flush();
    }

    /** Hands what is gathered to the channel, without a flush. */
    public void drain() {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            return;
        }
        gathered = null;
        int length = buffer.readableBytes();
        if (length == 0) {
            buffer.release();
            return;
        }
        // What is sent at once tends to stay the same: grow at once, shrink slowly.
        capacity = Math.max(LEAST_CAPACITY, Math.max(length, capacity - (capacity >> 3)));
        ctx.write(buffer, ctx.voidPromise());
    }

    /** Drops what is gathered; the connection is gone. */
    public void release() {
        ByteBuf buffer = gathered;
        gathered = null;
        if (buffer != null) {
            buffer.release();
        }
    }
}
