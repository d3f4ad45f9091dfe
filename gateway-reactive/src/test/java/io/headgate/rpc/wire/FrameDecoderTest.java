package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final List<String> frames = new ArrayList<>();
    private final FrameDecoder decoder = new FrameDecoder(
            allocator,
            100_000,
            1000,
            (type, flags, stream, payload) -> frames.add(FrameType.name(type) + " " + flags + " " + stream + " "
                    + payload.readableBytes() + " " + ByteBufUtil.hashCode(payload)));

    @AfterEach
    void nothingIsHeld() {
        decoder.stop();
        allocator.assertNoLeaks();
    }

    /** What is written is exactly these bytes. */
    private static void assertBytes(String hex, Consumer<ByteBuf> frame) {
        ByteBuf out = Unpooled.buffer();
        frame.accept(out);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo(hex.replace(" ", ""));
    }

    @Test
    void framesLookOnTheWireAsTheyAreDrawn() {
        RpcRequest request =
                RpcRequest.of("a/b", Content.JSON, Content.OCTETS, Body.empty()).withFields(Fields.of("Key", "v"));
        assertBytes(
                "0000001a 02 01 00000001 01 03 00000000000003e8 03 612f62 0001 0003 6b6579 00000001 76",
                out -> Frames.call(out, FrameType.END, 1, request, 1_000_000, Frames.callSize(request)));
        assertBytes(
                "00000003 02 00 00000002 02 0000", out -> Frames.reply(out, 0, 2, Content.PROTOBUF, Fields.empty()));
        assertBytes(
                "00000007 04 00 00000003 0f 0002 6e6f 0000",
                out -> Frames.trailer(out, 3, RpcStatus.DATA_LOSS, "no", Fields.empty()));
        assertBytes(
                "00000003 05 01 00000003 0e 6e6f",
                out -> Frames.error(out, FrameType.UNPROCESSED, 3, RpcStatus.UNAVAILABLE, "no"));
        assertBytes("00000000 06 00 00000003", out -> Frames.cancel(out, 3));
        assertBytes("00000008 07 00 00000003 ffffffff 00000400", out -> Frames.credit(out, 3, Frames.UNBOUNDED, 1024));
        assertBytes("00000008 08 01 00000000 0000000000000007", out -> Frames.ping(out, FrameType.ACK, 7));
        assertBytes("00000006 09 00 00000000 00000009 6279", out -> Frames.goAway(out, 9, "by"));
        assertBytes(
                "0104001000000204000080000304004000000404002000000504010000000604000040000704000000040808"
                        + "00".repeat(8),
                Hello.of(RpcSettings.DEFAULTS)::write);
        assertThat(Banner.own()).isEqualTo("headgate-rpc 1-1\n");
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        RpcRequest request = RpcRequest.of("ä/b", Content.JSON, Content.NONE, Body.empty())
                .withFields(Fields.of("key", "vö", "k2", ""));
        ByteBuf out = Unpooled.buffer();
        Frames.call(out, 0, 1, request, Long.MAX_VALUE, Frames.callSize(request));
        assertThat(Frames.readCall(out.skipBytes(10)))
                .isEqualTo(new Frames.Call(Content.JSON, Content.NONE, 0, "ä/b", request.fields()));
        Hello hello = Hello.of(RpcSettings.DEFAULTS);
        ByteBuf more = Unpooled.buffer().writeByte(99).writeByte(2).writeShort(5); // a setting of the future
        hello.write(more);
        assertThat(Hello.read(more)).isEqualTo(hello);
    }

    @Test
    void everyCutOfTheByteStreamGivesTheSameFrames() {
        ByteBuf all = Unpooled.buffer();
        Random random = new Random(3);
        for (int i = 0; i < 40; i++) {
            byte[] payload = new byte[i % 5 == 0 ? random.nextInt(50_000) : random.nextInt(300)];
            random.nextBytes(payload);
            Frames.header(all, payload.length, i % 7 == 0 ? 0x99 : FrameType.DATA, i & 1, i);
            all.writeBytes(payload);
        }
        decoder.feed(all.duplicate());
        List<String> whole = List.copyOf(frames);
        assertThat(whole).hasSize(34);
        for (int most : new int[] {1, 2, 9, 11, 1000, 5000, 70_000}) {
            frames.clear();
            ByteBuf rest = all.duplicate();
            while (rest.isReadable()) {
                int bytes = Math.min(rest.readableBytes(), 1 + random.nextInt(most));
                ByteBuf read = allocator.directBuffer(bytes).writeBytes(rest, bytes);
                decoder.feed(read);
                read.release();
            }
            assertThat(frames).isEqualTo(whole);
            assertThat(decoder.isMidFrame()).isFalse();
        }
    }

    @Test
    void tinyPiecesOfAFrameDoNotHoldTheBuffersTheyCameIn() {
        decoder.feed(Unpooled.buffer()
                .writeInt(90_000)
                .writeByte(FrameType.DATA)
                .writeByte(0)
                .writeInt(1));
        for (int i = 0; i < 50_000; i++) {
            ByteBuf read = allocator.directBuffer(65_536).writeByte(i);
            decoder.feed(read);
            read.release();
        }
        assertThat(decoder.isMidFrame()).isTrue();
        assertThat(decoder.describeMissing()).isEqualTo("DATA, 40000 bytes missing");
        assertThat(allocator.liveBuffers()).isLessThan(20);
    }

    @Test
    void aLengthIsCheckedBeforeAnythingIsKept() {
        assertThatThrownBy(() -> decoder.feed(Unpooled.buffer()
                        .writeInt(100_001)
                        .writeByte(FrameType.DATA)
                        .writeByte(0)
                        .writeInt(1)))
                .isInstanceOf(WireViolation.class)
                .hasMessage("length of DATA: 100001 (expected: at most 100000)");
        assertThat(allocator.liveBuffers()).isZero();
    }

    @Test
    void textsAreCutBetweenCharacters() {
        assertThat(Texts.cut("short", 16)).isEqualTo("short");
        assertThat(Texts.cut("ääääääääää", 16)).isEqualTo("ääääää...");
        assertThat(Texts.cut("x".repeat(14) + "😀", 16)).isEqualTo("x".repeat(13) + "...");
        assertThat(Texts.printable("a\r\n\u00ff", 10)).isEqualTo("a\\x0d\\x0a\\xff");
    }
}
