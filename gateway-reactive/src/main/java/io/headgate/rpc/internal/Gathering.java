package io.headgate.rpc.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Puts something together from pieces. Large ones are kept as slices of what was read; small ones are copied together, so
 * that a peer which sends in tiny pieces cannot make each of them hold a whole read buffer.
 */
public final class Gathering {

    /** From here on a piece is worth a slice. */
    public static final int SLICE_LIMIT = 4096;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf first;
    private @Nullable CompositeByteBuf all;
    private @Nullable ByteBuf tail; // small pieces, not yet among the others
    private int length;

    /**
     * Nothing yet.
     *
     * @param allocator where small pieces are put
     */
    public Gathering(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * What has been added.
     *
     * @return bytes
     */
    public int length() {
        return length;
    }

    /**
     * Adds what is next in a buffer.
     *
     * @param in borrowed; read by as much
     * @param bytes how much of it
     * @param expected how much will follow, as far as known
     */
    public void add(ByteBuf in, int bytes, int expected) {
        length += bytes;
        if (bytes >= SLICE_LIMIT) {
            seal();
            push(in.readRetainedSlice(bytes));
            return;
        }
        if (tail != null && tail.writableBytes() < bytes) {
            seal();
        }
        if (tail == null) {
            tail = allocator.buffer(Math.max(bytes, Math.min(bytes + expected, SLICE_LIMIT)), SLICE_LIMIT * 2);
        }
        tail.writeBytes(in, bytes);
    }

    /**
     * All of it; is empty afterwards.
     *
     * @return passes ownership
     */
    public ByteBuf finish() {
        seal();
        ByteBuf whole = all != null ? all : first != null ? first : Unpooled.EMPTY_BUFFER;
        all = null;
        first = null;
        length = 0;
        return whole;
    }

    /** Drops all of it. */
    public void release() {
        finish().release();
    }

    private void seal() {
        ByteBuf sealed = tail;
        tail = null;
        if (sealed != null) {
            push(sealed);
        }
    }

    private void push(ByteBuf piece) {
        if (first == null) {
            first = piece;
        } else {
            if (all == null) {
                all = allocator.compositeBuffer(Integer.MAX_VALUE).addComponent(true, first);
            }
            all.addComponent(true, piece);
        }
    }
}
