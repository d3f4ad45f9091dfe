package io.headgate.sync.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnappyWriterTest {

    private final SnappyWriter chunks = new SnappyWriter();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 18, 100, 32_767, 32_768, 65_536, 100_000})
    void chunksCarryWhateverTheyWereGiven(int length) {
        byte[] random = new byte[length];
        new Random(length).nextBytes(random);
        byte[] repeated = new byte[length];
        for (int i = 0; i < length; i++) {
            repeated[i] = (byte) (i % 50);
        }

        assertThat(decoded(random)).isEqualTo(random);
        assertThat(decoded(repeated)).isEqualTo(repeated);
    }

    /** Lines that come again at all distances: what the compressor remembers must never point before the block. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatComesAgainFarAwayIsRead(long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        while (text.length() < 120_000) {
            text.append("/calico/v1/config/").append(random.nextInt(3000)).append(random.nextLong());
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);

        assertThat(decoded(bytes)).isEqualTo(bytes);
    }

    @Test
    void whatRepeatsBecomesSmallAndWhatDoesNotHardlyGrows() {
        byte[] random = new byte[100_000];
        new Random(1).nextBytes(random);

        assertThat(encoded(new byte[100_000])).hasSizeLessThan(10_000);
        assertThat(encoded(random)).hasSizeLessThan(100_000 + 4 * 8 + 1);
    }

    @Test
    void chunksOfSeveralCallsMakeOneStream() {
        ByteBuf stream = SnappyChunks.identifier();
        ByteBuf all = Unpooled.buffer().writeBytes(stream);
        stream.release();
        for (int i = 0; i < 100; i++) {
            chunks.write(Unpooled.wrappedBuffer(("number " + i + " number " + i).getBytes()), all);
        }

        assertThat(new String(decode(all)))
                .startsWith("number 0 number 0number 1")
                .endsWith("number 99");
    }

    @Test
    void buffersOfSeveralPiecesAreRead() {
        CompositeByteBuf pieces = Unpooled.compositeBuffer();
        pieces.addComponent(true, Unpooled.wrappedBuffer(new byte[1000]));
        pieces.addComponent(true, Unpooled.directBuffer().writeBytes(new byte[1000]));
        ByteBuf all = SnappyChunks.identifier();
        ByteBuf out = Unpooled.buffer().writeBytes(all);
        chunks.write(pieces, out);
        pieces.release();

        assertThat(decode(out)).isEqualTo(new byte[2000]);
    }

    private byte[] encoded(byte[] plain) {
        ByteBuf out = Unpooled.buffer();
        chunks.write(Unpooled.wrappedBuffer(plain), out);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private byte[] decoded(byte[] plain) {
        ByteBuf stream = Unpooled.buffer().writeBytes(SnappyChunks.identifier());
        chunks.write(Unpooled.wrappedBuffer(plain), stream);
        return decode(stream);
    }

    private static byte[] decode(ByteBuf stream) {
        EmbeddedChannel channel = new EmbeddedChannel(new SnappyFrameDecoder(true));
        channel.writeInbound(stream);
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf some = channel.readInbound(); some != null; some = channel.readInbound()) {
            all.writeBytes(some);
            some.release();
        }
        channel.finishAndReleaseAll();
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }
}
