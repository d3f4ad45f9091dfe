package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Messages become frames. What is written leaves when the frame writer is drained. */
final class MessageWriter {

    private static final int USUAL_HEADER = 128;

    private final ByteBufAllocator alloc;
    private final FrameWriter frames;

    MessageWriter(ByteBufAllocator alloc, FrameWriter frames) {
        this.alloc = alloc;
        this.frames = frames;
    }

    /** A header message. */
    void head(CallHeader header) {
        ByteBuf text = alloc.heapBuffer(USUAL_HEADER);
        HeaderWriter.write(header, text);
        frames.write(FrameType.HEADER, true, text);
    }

    /** More of a data message; takes ownership. */
    void data(ByteBuf part, boolean last) {
        if (last || part.isReadable()) {
            frames.write(FrameType.DATA, last, part);
        } else {
            part.release();
        }
    }

    /** The end of a data message whose last part did not say so: an empty frame, as the original sends after 4 MiB. */
    void end() {
        frames.write(FrameType.DATA, true, Unpooled.EMPTY_BUFFER);
    }

    /** The end of everything. */
    void reset() {
        frames.write(FrameType.RST, true, Unpooled.EMPTY_BUFFER);
    }
}
