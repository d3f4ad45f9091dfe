package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Elements come out as they went in, however they were chunked and asked for. */
class CutterTest {

    private static final int MOST = 1000;

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();

    @AfterEach
    void releaseEverything() {
        allocator.assertNoLeaks();
    }

    private Cutter cutter(Format format) {
        return format == Format.NDJSON ? new Cutter.Lines(MOST) : new Cutter.Delimited(MOST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NDJSON", "DELIMITED"})
    void elementsSurviveAnyChunking(String name) {
        Format format = Format.valueOf(name);
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<String> elements = new ArrayList<>();
            for (int i = 0; i < random.nextInt(20); i++) {
                int length = random.nextInt(4) == 0 ? random.nextInt(MOST) : random.nextInt(5);
                elements.add("x".repeat(format == Format.NDJSON ? Math.max(1, length) : length));
            }
            Flux<ByteBuf> chunks = Flux.fromIterable(chunks(format, elements, random));
            List<String> cut = new CutFlux(chunks, () -> cutter(format))
                    .map(Calls::text)
                    .limitRate(1 + random.nextInt(3))
                    .collectList()
                    .block();
            assertThat(cut).as("seed %s", seed).isEqualTo(elements);
        }
    }

    private List<ByteBuf> chunks(Format format, List<String> elements, Random random) {
        ByteBuf all = Unpooled.buffer();
        Elements.write(Flux.fromIterable(elements).map(allocator::utf8), format)
                .toIterable()
                .forEach(chunk -> {
                    all.writeBytes(chunk);
                    chunk.release();
                });
        List<ByteBuf> chunks = new ArrayList<>();
        while (all.isReadable()) {
            int size = Math.min(all.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 3 : 500));
            chunks.add(allocator.buffer(size).writeBytes(all, size));
        }
        return chunks;
    }

    @Test
    void aMessageThatIsCutOffIsDataLoss() {
        StepVerifier.create(new CutFlux(Flux.just(allocator.utf8("\2ab\3c")), () -> cutter(Format.DELIMITED))
                        .map(Calls::text))
                .expectNext("ab")
                .expectErrorMessage("body: ended within an element (expected: 2 more bytes)")
                .verify();
    }

    @Test
    void aLengthThatIsNoneIsRefusedBeforeAnythingIsKept() {
        Cutter cutter = cutter(Format.DELIMITED);
        cutter.add(Unpooled.wrappedBuffer(new byte[] {-1, -1, -1, -1, -1, 1}));
        assertThatThrownBy(cutter::next).hasMessageContaining("varint of 32 bits");
        cutter.release();
        Cutter other = cutter(Format.DELIMITED);
        other.add(Unpooled.wrappedBuffer(new byte[] {-1, -1, -1, -1, 15}));
        assertThatThrownBy(other::next).hasMessageContaining("4294967295 bytes").hasMessageContaining("at most 1000");
        other.release();
    }

    @Test
    void aCancelledReaderLeavesNothing() {
        StepVerifier.create(
                        new CutFlux(Flux.just("1\n2\n3", "4\n5\n").map(allocator::utf8), () -> cutter(Format.NDJSON)),
                        1)
                .consumeNextWith(ByteBuf::release)
                .thenCancel()
                .verify();
    }
}
