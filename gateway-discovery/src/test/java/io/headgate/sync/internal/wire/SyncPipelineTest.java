package io.headgate.sync.internal.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.headgate.sync.internal.wire.SyncMessage.DecoderRestart;
import io.headgate.sync.internal.wire.SyncMessage.Kvs;
import io.headgate.sync.internal.wire.SyncMessage.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams on a pipeline: restarts, compression, and what is left behind. */
class SyncPipelineTest {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true, true);

    @AfterEach
    void nothingIsLeft() {
        assertEquals(0, allocator.metric().usedDirectMemory());
        assertEquals(0, allocator.metric().usedHeapMemory());
    }

    private EmbeddedChannel channel(ChannelHandler... handlers) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(handlers);
        return channel;
    }

    private ByteBuf direct(ByteBuf bytes) {
        return allocator.directBuffer(bytes.readableBytes()).writeBytes(bytes);
    }

    private static List<Object> read(EmbeddedChannel channel) {
        List<Object> messages = new ArrayList<>();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            messages.add(message);
        }
        return messages;
    }

    private static ByteBuf written(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            all.writeBytes(bytes);
            bytes.release();
        }
        return all;
    }

    /** What a server of Go sends, with compression between its restarts. */
    private static ByteBuf session() {
        ByteBuf all = Vectors.of("D1", "D2");
        all.writeBytes(SnappyChunks.identifier());
        SnappyChunks.compress(Vectors.of("D3", "D4"), all);
        all.writeBytes(SnappyChunks.identifier());
        for (String name : List.of("D5", "D6", "D7", "D8")) {
            SnappyChunks.compress(Vectors.of(name), all);
        }
        return all.writeBytes(Vectors.of("B1", "B4"));
    }

    @Test
    void followsRestartsThroughAllFormats() {
        EmbeddedChannel channel = channel(SyncInbound.client(GobLimits.CLIENT));
        channel.writeInbound(direct(session()));
        List<Object> messages = read(channel);
        assertEquals(10, messages.size());
        assertEquals(new DecoderRestart("x", ""), messages.get(7));
        assertEquals(new Status(SyncStatus.IN_SYNC), messages.get(9));
        channel.finishAndReleaseAll();
    }

    @Test
    void readsTheSameHoweverTheSessionIsCut() {
        EmbeddedChannel whole = channel(SyncInbound.client(GobLimits.CLIENT));
        whole.writeInbound(direct(session()));
        List<Object> expected = read(whole);
        whole.finishAndReleaseAll();
        for (int piece : new int[] {1, 2, 3, 7, 64, 500}) {
            EmbeddedChannel channel = channel(SyncInbound.client(GobLimits.CLIENT));
            ByteBuf bytes = session();
            while (bytes.isReadable()) {
                channel.writeInbound(direct(bytes.readSlice(Math.min(piece, bytes.readableBytes()))));
            }
            assertEquals(expected, read(channel), "pieces of " + piece);
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void givesBackWhatItHoldsWhenAConnectionEndsInTheMiddle() {
        for (int length : new int[] {10, 300, 500, 700, 900}) {
            EmbeddedChannel channel = channel(SyncInbound.client(GobLimits.CLIENT));
            channel.writeInbound(direct(session().slice(0, length)));
            channel.finishAndReleaseAll();
            assertEquals(0, allocator.metric().usedDirectMemory());
        }
    }

    @Test
    void opensEachStreamBeforeItsFirstBytes() {
        SyncEncoder encoder = SyncEncoder.server(Generation.TODAY);
        SyncOutbound outbound = new SyncOutbound(encoder);
        EmbeddedChannel channel = channel(outbound);
        ByteBuf shared = Unpooled.buffer();
        ByteBuf frame = Unpooled.buffer();
        encoder.encode(new Status(SyncStatus.IN_SYNC, 7), frame);
        SnappyChunks.compress(frame, shared);

        channel.writeOutbound(GoldenBytesTest.SERVER_HELLO_TODAY, new DecoderRestart("", SyncMessage.SNAPPY));
        outbound.restart(true);
        channel.writeOutbound(shared, new SyncMessage.Ping(Instant.EPOCH), new DecoderRestart("", ""));
        outbound.restart(false);
        channel.writeOutbound(new Status(SyncStatus.RESYNC));

        EmbeddedChannel client = channel(SyncInbound.client(GobLimits.CLIENT));
        client.writeInbound(direct(written(channel)));
        assertEquals(
                List.of(
                        GoldenBytesTest.SERVER_HELLO_TODAY,
                        new DecoderRestart("", SyncMessage.SNAPPY),
                        new Status(SyncStatus.IN_SYNC, 7),
                        new SyncMessage.Ping(Instant.EPOCH),
                        new DecoderRestart("", ""),
                        new Status(SyncStatus.RESYNC)),
                read(client));
        channel.finishAndReleaseAll();
        client.finishAndReleaseAll();
    }

    @Test
    void failsAWriteThatTheOtherSideWouldNotUnderstand() {
        EmbeddedChannel channel = channel(new SyncOutbound(SyncEncoder.client(Generation.TODAY)));
        assertThrows(IllegalArgumentException.class, () -> channel.writeOutbound(new Status(SyncStatus.IN_SYNC)));
        assertEquals(0, written(channel).readableBytes());
        channel.finishAndReleaseAll();
    }

    @Test
    void dropsEverythingBehindAFailure() {
        EmbeddedChannel channel = channel(SyncInbound.server(GobLimits.SERVER));
        ByteBuf garbage = Unpooled.buffer().writeBytes(new byte[64]);
        assertThrows(SyncWireException.class, () -> channel.writeInbound(direct(garbage)));
        channel.writeInbound(direct(Vectors.of("A1")));
        assertNull(channel.readInbound());
        channel.finishAndReleaseAll();
    }

    @Test
    void deliversWhatCameBeforeAFailure() {
        EmbeddedChannel channel = channel(SyncInbound.server(GobLimits.SERVER));
        ByteBuf bytes = Vectors.of("A1").writeBytes(new byte[8]);
        assertThrows(SyncWireException.class, () -> channel.writeInbound(direct(bytes)));
        assertEquals(GoldenBytesTest.HELLO_325, channel.readInbound());
        channel.finishAndReleaseAll();
    }

    @Test
    void refusesCompressionThatNobodyHasOffered() {
        EmbeddedChannel channel = channel(SyncInbound.client(GobLimits.CLIENT));
        SyncEncoder encoder = SyncEncoder.server(Generation.TODAY);
        ByteBuf bytes = direct(encoder.preamble());
        encoder.encode(new DecoderRestart("", "zstd"), bytes);
        SyncWireException refused = assertThrows(SyncWireException.class, () -> channel.writeInbound(bytes));
        assertEquals(Reason.BAD_VALUE, refused.reason());
        assertEquals("compression: zstd (expected: none or snappy)", refused.getMessage());
        channel.finishAndReleaseAll();
    }

    @Test
    void refusesBytesBetweenARestartAndTheEndOfItsChunk() {
        EmbeddedChannel channel = channel(SyncInbound.client(GobLimits.CLIENT));
        ByteBuf bytes = Vectors.of("D1", "D2").writeBytes(SnappyChunks.identifier());
        SnappyChunks.compress(Vectors.of("D3", "D4", "D5"), bytes);
        SyncWireException refused = assertThrows(SyncWireException.class, () -> channel.writeInbound(direct(bytes)));
        assertEquals(Reason.TRAILING_BYTES, refused.reason());
        channel.finishAndReleaseAll();
    }

    @Test
    void speaksTheFramingThatOthersSpeak() {
        ByteBuf plain = Unpooled.buffer();
        Random random = new Random(7);
        for (int i = 0; i < 5000; i++) {
            plain.writeBytes(("/calico/v1/config/" + random.nextInt(500) + (i % 100 == 0 ? random.nextLong() : ""))
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        byte[] noise = new byte[100_000];
        random.nextBytes(noise);
        plain.writeBytes(noise).writeBytes(new byte[200_000]).writeByte(1);

        EmbeddedChannel theirs = channel(new SnappyFrameDecoder(true));
        ByteBuf copy = direct(plain.duplicate());
        ByteBuf ours = SnappyChunks.compress(copy);
        copy.release();
        theirs.writeInbound(SnappyChunks.identifier(), ours);
        ByteBuf back = Unpooled.buffer();
        for (ByteBuf part = theirs.readInbound(); part != null; part = theirs.readInbound()) {
            back.writeBytes(part);
            part.release();
        }
        assertEquals(plain, back);

        EmbeddedChannel encoder = channel(new SnappyFrameEncoder());
        encoder.writeOutbound(plain.retainedDuplicate());
        ByteBuf packed = written(encoder);
        ByteBuf read = Unpooled.buffer();
        SnappyReader reader = new SnappyReader();
        while (reader.read(packed, read)) {
            assertTrue(read.isReadable());
        }
        assertEquals(plain, read);
        assertFalse(packed.isReadable());
        theirs.finishAndReleaseAll();
        encoder.finishAndReleaseAll();
    }

    @Test
    void compressesForEverybodyOnce() {
        ByteBufAllocator unpooled = allocator;
        SyncEncoder encoder = SyncEncoder.server(Generation.TODAY);
        ByteBuf frames = unpooled.directBuffer();
        List<SyncUpdate> updates = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            updates.add(SyncUpdate.added("/key/" + i, ByteString.copyFromUtf8("value of " + i), "" + i));
        }
        encoder.kvs(updates, 5, frames);
        ByteBuf chunks = SnappyChunks.compress(frames);
        assertTrue(chunks.readableBytes() < frames.readableBytes());
        for (int client = 0; client < 3; client++) {
            EmbeddedChannel channel = channel(SyncInbound.client(GobLimits.CLIENT));
            ByteBuf hello = Unpooled.buffer().writeBytes(encoder.opening(false));
            encoder.encode(new DecoderRestart("", SyncMessage.SNAPPY), hello);
            channel.writeInbound(direct(hello), encoder.opening(true), chunks.retainedDuplicate());
            assertEquals(List.of(new DecoderRestart("", SyncMessage.SNAPPY), new Kvs(updates, 5)), read(channel));
            channel.finishAndReleaseAll();
        }
        frames.release();
        chunks.release();
    }
}
