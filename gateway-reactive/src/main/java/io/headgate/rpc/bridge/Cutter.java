package io.headgate.rpc.bridge;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts elements out of chunks that know nothing of them. What lies within one chunk is a slice of it, what does not is put together
 * of slices; nothing is copied. One thread at a time.
 */
abstract class Cutter {

    private final int maxElement;
    private @Nullable ByteBuf chunk;
    private @Nullable CompositeByteBuf begun; // what earlier chunks had of the next element
    private int begunBytes;

    Cutter(int maxElement) {
        this.maxElement = maxElement;
    }

    /** Whether a chunk can be {@linkplain #add added}. */
    final boolean isUsedUp() {
        return chunk == null;
    }

    /** Takes ownership of a chunk. */
    final void add(ByteBuf added) {
        chunk = added;
    }

    /** The next element, whose ownership passes, or null when another chunk is needed. */
    final @Nullable ByteBuf next() {
        ByteBuf from = chunk;
        if (from == null) {
            return null;
        }
        ByteBuf element = cut(from);
        if (!from.isReadable()) {
            from.release();
            chunk = null;
        }
        return element;
    }

    /** Cuts an element, or takes all there is and returns null. */
    abstract @Nullable ByteBuf cut(ByteBuf from);

    /** What is left when there are no more chunks: the last element, or null. */
    abstract @Nullable ByteBuf last();

    /** Drops all. */
    final void release() {
        if (chunk != null) {
            chunk.release();
            chunk = null;
        }
        if (begun != null) {
            begun.release();
            begun = null;
            begunBytes = 0;
        }
    }

    final int begunBytes() {
        return begunBytes;
    }

    final void check(long bytes) {
        if (bytes > maxElement) {
            throw RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    "body: an element of " + bytes + " bytes or more (expected: at most " + maxElement + ")");
        }
    }

    /** Puts bytes to those that earlier chunks had. */
    final void begin(ByteBuf from, int bytes) {
        check((long) begunBytes + bytes);
        if (bytes > 0) {
            if (begun == null) {
                begun = Unpooled.compositeBuffer(Integer.MAX_VALUE);
            }
            begun.addComponent(true, from.readRetainedSlice(bytes));
            begunBytes += bytes;
        }
    }

    /** The element that ends with these bytes. */
    final ByteBuf finish(ByteBuf from, int bytes) {
        check((long) begunBytes + bytes);
        if (begun == null) {
            return bytes == 0 ? Unpooled.EMPTY_BUFFER : from.readRetainedSlice(bytes);
        }
        begin(from, bytes);
        return finish();
    }

    /** The element that earlier chunks had. */
    final ByteBuf finish() {
        ByteBuf whole = begun == null ? Unpooled.EMPTY_BUFFER : begun;
        begun = null;
        begunBytes = 0;
        return whole;
    }

    /** One element a line, without its end. Lines of nothing but white space are none. */
    static final class Lines extends Cutter {

        Lines(int maxElement) {
            super(maxElement);
        }

        @Override
        @Nullable ByteBuf cut(ByteBuf from) {
            while (from.isReadable()) {
                int bytes = from.bytesBefore((byte) '\n');
                if (bytes < 0) {
                    begin(from, from.readableBytes());
                    return null;
                }
                ByteBuf line = finish(from, bytes);
                from.skipBytes(1);
                if (!isBlank(line)) {
                    return line;
                }
                line.release();
            }
            return null;
        }

        @Override
        @Nullable ByteBuf last() {
            ByteBuf line = finish();
            if (!isBlank(line)) {
                return line;
            }
            line.release();
            return null;
        }

        private static boolean isBlank(ByteBuf line) {
            return line.forEachByte(b -> b == ' ' || b == '\t' || b == '\r') < 0;
        }
    }

    /** Each element behind its length, a varint of 32 bits. */
    static final class Delimited extends Cutter {

        private int length = -1; // of the next element, once known
        private int read; // of the length, in bits
        private long value;

        Delimited(int maxElement) {
            super(maxElement);
        }

        @Override
        @Nullable ByteBuf cut(ByteBuf from) {
            while (length < 0 && from.isReadable()) {
                readLength(from.readByte());
            }
            if (length < 0) {
                return null;
            }
            int missing = length - begunBytes();
            if (from.readableBytes() < missing) {
                begin(from, from.readableBytes());
                return null;
            }
            length = -1;
            return finish(from, missing);
        }

        private void readLength(byte b) {
            if (read == 28 && (b & 0xf0) != 0) {
                throw RpcException.of(
                        RpcStatus.INVALID_ARGUMENT, "body: length of an element (expected: a varint of 32 bits)");
            }
            value |= (long) (b & 0x7f) << read;
            read += 7;
            if (b >= 0) {
                check(value);
                length = (int) value;
                value = 0;
                read = 0;
            }
        }

        @Override
        @Nullable ByteBuf last() {
            if (length >= 0 || read > 0) {
                throw RpcException.of(
                        RpcStatus.DATA_LOSS,
                        "body: ended within an element (expected: "
                                + (length < 0 ? "its length" : length - begunBytes() + " more bytes") + ")");
            }
            return null;
        }
    }
}
