package io.headgate.rpc.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.rpc.internal.Gathering;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder of frames of our own wire, behind the banner. The first byte says how the others are cut; frames and faults must
 * be the same whatever the cut, nothing may be left, and no more may be held than a frame.
 */
class WireFramesFuzzTest {

    private static final int MAX_FRAME = 2048;

    @FuzzTest
    void bytesCome(byte[] input) {
        if (input.length == 0) {
            return;
        }
        List<String> whole = decode(input, Integer.MAX_VALUE, false);
        List<String> cut = decode(input, 1 + (input[0] & 0xff), false);
        List<String> bytes = decode(input, 1, false);
        List<String> pieces = decode(input, 1 + (input[0] & 0xff), true);
        if (!whole.equals(cut) || !whole.equals(bytes) || !whole.equals(pieces)) {
            throw new AssertionError("frames: " + cut + " or " + bytes + ", in pieces " + pieces + " (expected: "
                    + whole + ", whatever the cut)");
        }
    }

    private static List<String> decode(byte[] input, int piece, boolean inPieces) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true, true);
        List<String> seen = new ArrayList<>();
        FrameDecoder decoder = new FrameDecoder(allocator, MAX_FRAME, 512, new Seen(seen, inPieces));
        Banner banner = new Banner();
        try {
            for (int at = 1; at < input.length; ) {
                int length = Math.min(piece, input.length - at);
                ByteBuf bytes = Unpooled.wrappedBuffer(input, at, length);
                at += length;
                if (banner.feed(bytes)) {
                    decoder.feed(bytes);
                }
                long held =
                        allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
                if (held > 4 * MAX_FRAME + 2 * 2 * Gathering.SLICE_LIMIT) {
                    throw new AssertionError("held: " + held + " bytes (expected: a frame)");
                }
            }
            seen.add(decoder.isMidFrame() ? decoder.describeMissing() : "whole");
        } catch (WireViolation fault) {
            String message = String.valueOf(fault.getMessage());
            seen.add(message.startsWith("banner") ? "no banner" : message); // shows as much as has come
        }
        decoder.stop();
        if (allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory() != 0) {
            throw new AssertionError("buffers left: " + allocator.metric() + " (expected: none)");
        }
        return seen;
    }

    /** The frames as text; those in pieces are put together. */
    private static final class Seen implements FrameDecoder.Sink {

        private final List<String> frames;
        private final boolean inPieces;
        private final ByteBuf pieces = Unpooled.buffer();
        private int type;
        private int missing;

        Seen(List<String> frames, boolean inPieces) {
            this.frames = frames;
            this.inPieces = inPieces;
        }

        @Override
        public void onFrame(int frameType, int flags, int stream, ByteBuf payload) {
            frames.add(FrameType.name(frameType) + " " + flags + " " + stream + " " + ByteBufUtil.hexDump(payload));
        }

        @Override
        public boolean begins(int frameType, int flags, int stream, int length) {
            type = frameType;
            missing = length;
            return inPieces;
        }

        @Override
        public void onPiece(int flags, int stream, ByteBuf piece) {
            if (!piece.isReadable()) {
                throw new AssertionError("a piece of no bytes (expected: one at least)");
            }
            missing -= piece.readableBytes();
            pieces.writeBytes(piece);
            if (missing == 0) {
                onFrame(type, flags, stream, pieces);
                pieces.clear();
            }
        }
    }
}
