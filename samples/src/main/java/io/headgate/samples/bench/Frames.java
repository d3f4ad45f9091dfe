package io.headgate.samples.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/** The frames of a download, as Netty's buffers. One thread. */
final class Frames implements AutoCloseable {

    private final Download what;
    private final ByteBufAllocator allocator;
    private final ByteBuf same;
    private long left;

    Frames(Download what, ByteBufAllocator allocator) {
        this.what = what;
        this.allocator = allocator;
        this.left = what.frames();
        this.same = what.source() == Source.NOOP
                ? allocator.directBuffer(what.frame()).writeZero(what.frame())
                : allocator.directBuffer(0);
    }

    boolean hasNext() {
        return left > 0;
    }

    /** The next frame; passes ownership. */
    ByteBuf next() {
        left--;
        if (what.source() == Source.NOOP) {
            return same.retainedDuplicate();
        }
        ByteBuf frame = allocator.directBuffer(what.frame());
        return frame.setZero(0, what.frame()).writerIndex(what.frame());
    }

    /** The next frame for those who know arrays only; the same array each time. */
    static void fill(Source source, byte[] frame) {
        if (source == Source.ZERO) {
            Arrays.fill(frame, (byte) 0);
        }
    }

    @Override
    public void close() {
        same.release();
    }
}
