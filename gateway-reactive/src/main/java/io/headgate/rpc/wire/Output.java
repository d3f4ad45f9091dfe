package io.headgate.rpc.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * What a connection writes: frames with small payloads are copied into one buffer, large payloads are written behind their
 * header without a copy, and all of it goes to the socket in few system calls at the next flush.
 */
final class Output {

    /** Up to here a copy is cheaper than one more part of a gathered write. */
    private static final int COPY_LIMIT = 4096;

    private static final int LEAST_CAPACITY = 512;
    private static final int MOST_GATHERED = 64 * 1024;

    private final ChannelHandlerContext ctx;
    private final Watch watch;
    private int capacity = LEAST_CAPACITY;
    private @Nullable ByteBuf gathered;
    private boolean dirty; // something was written and not flushed
    private long bytes;

    Output(ChannelHandlerContext ctx, Watch watch) {
        this.ctx = ctx;
        this.watch = watch;
    }

    /** Bytes written so far. */
    long bytes() {
        ByteBuf waiting = gathered;
        return bytes + (waiting == null ? 0 : waiting.readableBytes());
    }

    /** The buffer to write a small frame to; lent until the next call. */
    ByteBuf small(int expected) {
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

    /** Writes a DATA frame; takes ownership of the payload. */
    void data(int flags, int stream, ByteBuf payload) {
        int length = payload.readableBytes();
        if (watch.isOn()) {
            watch.frame(false, FrameType.DATA, stream, length);
        }
        if (length <= COPY_LIMIT) {
            ByteBuf out = small(FrameDecoder.HEADER_BYTES + length);
            Frames.header(out, length, FrameType.DATA, flags, stream);
            out.writeBytes(payload, payload.readerIndex(), length);
            payload.release();
        } else {
            Frames.header(small(FrameDecoder.HEADER_BYTES), length, FrameType.DATA, flags, stream);
            drain();
            write(payload);
        }
    }

    /** Hands what is gathered to the channel, without a flush. */
    private void drain() {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            return;
        }
        gathered = null;
        int length = buffer.readableBytes();
        // What is sent at once tends to stay the same: grow at once, shrink slowly.
        capacity = Math.max(LEAST_CAPACITY, Math.max(length, capacity - (capacity >> 3)));
        write(buffer);
    }

    private void write(ByteBuf buffer) {
        bytes += buffer.readableBytes();
        dirty = true;
        if (watch.isOn()) {
            watch.bytes(false, buffer);
        }
        ctx.write(buffer, ctx.voidPromise());
    }

    /**
     * Sends everything.
     *
     * @return whether there was anything
     */
    boolean flush() {
        drain();
        if (!dirty) {
            return false;
        }
        dirty = false;
        ctx.flush();
        return true;
    }

    /** Drops what is gathered; the connection is gone. */
    void release() {
        ByteBuf buffer = gathered;
        gathered = null;
        if (buffer != null) {
            buffer.release();
        }
    }
}
