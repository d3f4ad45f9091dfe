package io.headgate.sync.internal.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.sync.internal.gob.SyncWireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The contents of a compressed chunk. What is compressed must come back; what is taken for compressed without being that must
 * be refused or fill its size exactly, as the length before it says.
 */
class SnappyFuzzTest {

    @FuzzTest
    void chunkComes(byte[] input) {
        ByteBuf packed = Unpooled.wrappedBuffer(input);
        try {
            int size = SnappyReader.size(packed);
            SnappyReader.unpack(packed, new byte[size], 0, size);
        } catch (SyncWireException refused) {
            if (refused.reason() != SyncWireException.Reason.BAD_COMPRESSION) {
                throw new AssertionError("reason: " + refused.reason() + " (expected: BAD_COMPRESSION)", refused);
            }
        }
        comesBack(input);
    }

    private static void comesBack(byte[] plain) {
        ByteBuf chunks = Unpooled.buffer();
        chunks.writeBytes(SnappyChunks.identifier());
        SnappyChunks.compress(Unpooled.wrappedBuffer(plain), chunks);
        ByteBuf out = Unpooled.buffer();
        SnappyReader reader = new SnappyReader();
        while (reader.read(chunks, out)) {
            if (!out.isReadable()) {
                throw new AssertionError("chunk: empty (expected: one that holds something)");
            }
        }
        if (!out.equals(Unpooled.wrappedBuffer(plain))) {
            throw new AssertionError(
                    "bytes: " + out.readableBytes() + " (expected: the " + plain.length + " compressed)");
        }
    }
}
