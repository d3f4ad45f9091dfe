package io.headgate.sync.internal.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.SyncWireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a sync connection. The first byte says who reads (bit 0: a client, else a server), whether our own definitions
 * come first (bit 1), and for a client whether it has been told that compressed chunks follow (bit 2) or that what follows is
 * compressed for it here (bit 3). The second byte is the size of pieces. Messages and faults must be the same whatever the
 * cut, what was read must be read again when we have written it, nothing may be left, and no more may be held than a message.
 */
class SyncStreamFuzzTest {

    private static final int MOST = 16 * 1024;
    private static final GobLimits LIMITS = new GobLimits(MOST, 64, 64, 8, 256);

    @FuzzTest
    void bytesCome(byte[] input) {
        if (input.length < 2) {
            return;
        }
        ByteBuf bytes = stream(input);
        boolean client = (input[0] & 1) != 0;
        List<Object> whole = read(client, bytes, Integer.MAX_VALUE);
        List<Object> cut = read(client, bytes, 1 + (input[1] & 0xff));
        List<Object> single = read(client, bytes, bytes.readableBytes() < 512 ? 1 : 31);
        if (!whole.equals(cut) || !whole.equals(single)) {
            throw new AssertionError(
                    "messages: " + cut + " or " + single + " (expected: " + whole + ", whatever the cut)");
        }
        writeAgain(client, whole);
    }

    private static ByteBuf stream(byte[] input) {
        int mode = input[0];
        ByteBuf bytes = Unpooled.buffer();
        ByteBuf rest = Unpooled.wrappedBuffer(input, 2, input.length - 2);
        boolean client = (mode & 1) != 0;
        SyncEncoder encoder = client ? SyncEncoder.server(Generation.TODAY) : SyncEncoder.client(Generation.TODAY);
        if (client && (mode & 12) != 0) {
            bytes.writeBytes(encoder.preamble());
            encoder.encode(new SyncMessage.DecoderRestart("", SyncMessage.SNAPPY), bytes);
            if ((mode & 8) != 0) {
                bytes.writeBytes((mode & 2) != 0 ? encoder.opening(true) : SnappyChunks.identifier());
                SnappyChunks.compress(rest, bytes);
                return bytes;
            }
        }
        if ((mode & 2) != 0) {
            bytes.writeBytes(encoder.opening(client && (mode & 4) != 0));
        }
        return bytes.writeBytes(rest);
    }

    private static List<Object> read(boolean client, ByteBuf bytes, int piece) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true, true);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(client ? SyncInbound.client(LIMITS) : SyncInbound.server(LIMITS));
        List<Object> seen = new ArrayList<>();
        try {
            for (int at = 0; at < bytes.writerIndex(); ) {
                int length = Math.min(piece, bytes.writerIndex() - at);
                channel.writeInbound(bytes.slice(at, length).asReadOnly().retain()); // shows no array, as off the heap
                at += length;
                take(channel, seen);
                long held =
                        allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
                if (held > 4L * (MOST + length) + 4 * SnappyChunks.MOST_PLAIN) {
                    throw new AssertionError("held: " + held + " bytes (expected: a message)");
                }
            }
        } catch (SyncWireException fault) {
            take(channel, seen);
            if (!String.valueOf(fault.getMessage()).contains(" (expected: ")) {
                throw new AssertionError("message: " + fault.getMessage() + " (expected: what was expected)", fault);
            }
            seen.add(fault.reason() + " " + fault.getMessage());
        } finally {
            channel.finishAndReleaseAll();
        }
        if (allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory() != 0) {
            throw new AssertionError("buffers left: " + allocator.metric() + " (expected: none)");
        }
        return seen;
    }

    private static void take(EmbeddedChannel channel, List<Object> seen) {
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            seen.add(message);
        }
    }

    private static void writeAgain(boolean client, List<Object> seen) {
        SyncEncoder encoder = client ? SyncEncoder.server(Generation.TODAY) : SyncEncoder.client(Generation.TODAY);
        SyncDecoder decoder = client ? SyncDecoder.client(GobLimits.CLIENT) : SyncDecoder.server(GobLimits.CLIENT);
        ByteBuf out = Unpooled.buffer().writeBytes(encoder.preamble());
        for (Object item : seen) {
            if (item instanceof SyncMessage message) {
                encoder.encode(message, out);
                SyncMessage again = decoder.decode(out);
                if (!message.equals(again)) {
                    throw new AssertionError("message: " + again + " (expected: " + message + ")");
                }
            }
        }
    }
}
