package io.headgate.rpc.zrepl;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.rpc.RpcException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * The readers of frames and of messages of the wire of 2017. The first byte says whose messages they are and how the others
 * are cut; messages and faults must be the same whatever the cut, and nothing may be left.
 */
class ZreplFramesFuzzTest {

    @FuzzTest
    void bytesCome(byte[] input) {
        if (input.length == 0) {
            return;
        }
        List<String> whole = read(input, Integer.MAX_VALUE);
        List<String> cut = read(input, 1 + (input[0] & 0x7f));
        List<String> bytes = read(input, 1);
        if (!whole.equals(cut) || !whole.equals(bytes)) {
            throw new AssertionError(
                    "messages: " + cut + " or " + bytes + " (expected: " + whole + ", whatever the cut)");
        }
    }

    /** Keeps what comes; data is kept as one text for each message. */
    private static final class Seen implements MessageSink {

        final List<String> all = new ArrayList<>();
        private final StringBuilder data = new StringBuilder();

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void head(CallHeader header) {
            all.add(header.toString());
        }

        @Override
        public void data(ByteBuf part) {
            data.append(ByteBufUtil.hexDump(part));
            part.release();
        }

        @Override
        public void dataEnds() {
            all.add("data " + data);
            data.setLength(0);
        }

        @Override
        public void reset() {
            all.add("reset");
        }
    }

    private static List<String> read(byte[] input, int piece) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true, true);
        Seen seen = new Seen();
        MessageReader messages = new MessageReader(seen, input[0] < 0);
        FrameReader frames = new FrameReader(messages, null);
        try {
            for (int at = 1; at < input.length; ) {
                int length = Math.min(piece, input.length - at);
                frames.add(allocator.heapBuffer(length).writeBytes(input, at, length));
                at += length;
                frames.advance();
                if (frames.heldBytes() >= FrameReader.HEADER_BYTES) {
                    throw new AssertionError("held: " + frames.heldBytes() + " bytes (expected: less than a header)");
                }
            }
            seen.all.add(frames.cutByEnd() + ", " + messages.cutByEnd() + ", " + seen.data);
        } catch (RpcException fault) {
            seen.all.add(fault.getMessage() + ", " + seen.data);
        }
        frames.discard();
        if (allocator.metric().usedHeapMemory() != 0) {
            throw new AssertionError("buffers left: " + allocator.metric() + " (expected: none)");
        }
        return seen.all;
    }
}
