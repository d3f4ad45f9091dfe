package io.headgate.rpc.wire;

import io.headgate.rpc.internal.Gathering;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into frames. Pushed with what is read, needs no channel, and checks every length before anything is
 * allocated for it. A frame is a header of ten bytes, big endian, and its payload:
 *
 * <pre>
 *   0        4      5       6           10
 *   | length | type | flags | stream id | payload ...
 *     u32      u8     u8      u32
 * </pre>
 *
 * <p>The length is that of the payload alone. The top bit of the stream id is zero; ids of calls are odd when the side that
 * opened the byte stream makes them, else even; zero is the connection itself.
 */
final class FrameDecoder {

    static final int HEADER_BYTES = 10;

    /** Most bytes of a HELLO, and of the text of an ERROR or GOAWAY with what stands before it. */
    static final int MOST_CONTROL = 4096 + 8;

    /** Gets the frames. */
    interface Sink {

        /**
         * A frame.
         *
         * @param payload exactly its readable bytes; borrowed until this returns. May be the read buffer itself, so only
         *     its reader index may be moved
         * @throws WireViolation to end the connection
         */
        void onFrame(int type, int flags, int stream, ByteBuf payload);

        /**
         * A frame begins whose payload has not come whole.
         *
         * @return whether it is wanted in pieces as it comes; else it is put together for {@link #onFrame}
         */
        default boolean begins(int type, int flags, int stream, int length) {
            return false;
        }

        /**
         * A piece of the payload of a frame that is wanted so.
         *
         * @param flags those of the frame with the last piece, none with the others
         * @param piece exactly its readable bytes, one at least; borrowed as a payload is
         * @throws WireViolation to end the connection
         */
        default void onPiece(int flags, int stream, ByteBuf piece) {
            throw new IllegalStateException("piece of a frame (expected: nobody wants any)");
        }
    }

    private final ByteBufAllocator allocator;
    private final int maxFrame;
    private final int maxHeader;
    private final Sink sink;
    private final byte[] partial = new byte[HEADER_BYTES];
    private int partialBytes;

    // the frame whose payload is under way
    private int type;
    private int flags;
    private int stream;
    private int missing;
    private boolean skipping;
    private boolean inPieces;
    private @Nullable Gathering gathering;
    private boolean stopped;

    FrameDecoder(ByteBufAllocator allocator, int maxFrame, int maxHeader, Sink sink) {
        this.allocator = allocator;
        this.maxFrame = maxFrame;
        this.maxHeader = maxHeader;
        this.sink = sink;
    }

    /** Whether the byte stream would be cut in the middle of a frame if it ended now. */
    boolean isMidFrame() {
        return partialBytes > 0 || missing > 0;
    }

    /** What is missing when the byte stream ends now. */
    String describeMissing() {
        return missing > 0
                ? FrameType.name(type) + ", " + missing + " bytes missing"
                : partialBytes + " bytes of a header (expected: " + HEADER_BYTES + ")";
    }

    /** Drops what is under way, and everything that is fed from now on. */
    void stop() {
        stopped = true;
        Gathering unfinished = gathering;
        gathering = null;
        if (unfinished != null) {
            unfinished.release();
        }
    }

    /**
     * More bytes.
     *
     * @param in borrowed; read to its end
     * @throws WireViolation when they are not what they may be; nothing more can be fed then
     */
    void feed(ByteBuf in) {
        while (!stopped && in.isReadable()) {
            if (missing > 0) {
                goOn(in);
            } else if (partialBytes > 0 || in.readableBytes() < HEADER_BYTES) {
                collectHeader(in);
            } else {
                begin(in.readInt(), in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), in);
            }
        }
        if (stopped) {
            in.skipBytes(in.readableBytes());
        }
    }

    private void collectHeader(ByteBuf in) {
        int bytes = Math.min(HEADER_BYTES - partialBytes, in.readableBytes());
        in.readBytes(partial, partialBytes, bytes);
        partialBytes += bytes;
        if (partialBytes == HEADER_BYTES) {
            partialBytes = 0;
            begin(intAt(0), partial[4] & 0xff, partial[5] & 0xff, intAt(6), in);
        }
    }

    private int intAt(int index) {
        return (partial[index] & 0xff) << 24
                | (partial[index + 1] & 0xff) << 16
                | (partial[index + 2] & 0xff) << 8
                | partial[index + 3] & 0xff;
    }

    private void begin(int length, int newType, int newFlags, int newStream, ByteBuf in) {
        type = newType;
        flags = newFlags;
        stream = newStream;
        checkLength(length);
        if (newStream < 0) {
            throw new WireViolation("stream id of " + FrameType.name(newType) + ": "
                    + Integer.toUnsignedString(newStream) + " (expected: at most " + Integer.MAX_VALUE + ")");
        }
        if (newType >= FrameType.FIRST_IGNORABLE) {
            missing = length;
            skipping = true;
            skip(in);
        } else if (in.readableBytes() >= length) {
            inPieces = false;
            emitInPlace(in, length);
        } else {
            missing = length;
            inPieces = sink.begins(newType, newFlags, newStream, length);
            goOn(in);
        }
    }

    private void goOn(ByteBuf in) {
        if (skipping) {
            skip(in);
            return;
        }
        int bytes = Math.min(missing, in.readableBytes());
        if (bytes == 0) {
            return;
        }
        missing -= bytes;
        if (inPieces && gathering == null && (bytes >= Gathering.SLICE_LIMIT || missing == 0)) {
            emitInPlace(in, bytes);
        } else {
            gather(in, bytes);
        }
    }

    private void gather(ByteBuf in, int bytes) {
        Gathering gathered = gathering;
        if (gathered == null) {
            gathered = new Gathering(allocator);
            gathering = gathered;
        }
        gathered.add(in, bytes, missing);
        if (missing == 0 || inPieces && gathered.length() >= Gathering.SLICE_LIMIT) {
            ByteBuf whole = gathered.finish();
            gathering = null;
            try {
                emit(whole);
            } finally {
                whole.release();
            }
        }
    }

    private void emit(ByteBuf bytes) {
        if (inPieces) {
            sink.onPiece(missing == 0 ? flags : 0, stream, bytes);
        } else {
            sink.onFrame(type, flags, stream, bytes);
        }
    }

    private void skip(ByteBuf in) {
        int bytes = Math.min(missing, in.readableBytes());
        in.skipBytes(bytes);
        missing -= bytes;
        skipping = missing > 0;
    }

    private void emitInPlace(ByteBuf in, int length) {
        int end = in.readerIndex() + length;
        int limit = in.writerIndex();
        in.writerIndex(end);
        try {
            emit(in);
        } finally {
            in.writerIndex(limit);
            in.readerIndex(end);
        }
    }

    private void checkLength(int length) {
        int most = switch (type) {
            case FrameType.DATA -> maxFrame;
            case FrameType.HEADER, FrameType.TRAILER -> maxHeader;
            case FrameType.HELLO, FrameType.ERROR, FrameType.GOAWAY -> MOST_CONTROL;
            case FrameType.CREDIT, FrameType.PING -> 8;
            case FrameType.CANCEL, FrameType.BYE -> 0;
            default -> {
                if (type < FrameType.FIRST_IGNORABLE) {
                    throw new WireViolation("type of frame: " + FrameType.name(type)
                            + " (expected: HELLO 0x01 .. BYE 0x0a, or at least 0x80)");
                }
                yield maxFrame;
            }
        };
        if (length < 0 || length > most) {
            throw new WireViolation("length of " + FrameType.name(type) + ": " + Integer.toUnsignedString(length)
                    + " (expected: at most " + most + ")");
        }
    }
}
