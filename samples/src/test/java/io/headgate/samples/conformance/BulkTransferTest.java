package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Bodies that are much larger than the memory of the gateway, which has a JVM to itself. The property
 * {@code headgate.bulk.bytes} says how large; the Maven profile {@code bulk} makes it a gibibyte.
 */
class BulkTransferTest {

    private static final long BYTES = Long.getLong("headgate.bulk.bytes", 64L << 20);
    private static final int CHUNK = 64 * 1024;
    private static final Duration STALLS = Duration.ofSeconds(20);
    private static final byte[] NOISE = noise();

    private final Gateway upstream = Gateway.create();
    private final Gateway client = Gateway.create();
    private int upstreamPort;

    @BeforeEach
    void startUpstream() {
        upstreamPort = Objects.requireNonNull(upstream.listen("127.0.0.1", 0, BulkTransferTest::answer)
                        .block())
                .port();
    }

    @AfterEach
    void stop() {
        client.closeAsync().block();
        upstream.closeAsync().block();
    }

    private static byte[] noise() {
        byte[] noise = new byte[4 * CHUNK];
        new Random(1).nextBytes(noise);
        return noise;
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({"http, http", "http, h2c", "h2c, http", "h2c, h2c"})
    void passesFarMoreThanItHasMemoryFor(String front, String back, TestReporter reporter) throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(back + "://127.0.0.1:" + upstreamPort)) {
            Upstream service = client.upstream(front + "://127.0.0.1:" + gateway.port());

            long start = System.nanoTime();
            String uploaded = upload(service);
            long between = System.nanoTime();
            String downloaded = download(service);
            long end = System.nanoTime();

            String expected = expected();
            assertThat(uploaded).as("up").isEqualTo(expected);
            assertThat(downloaded).as("down").isEqualTo(expected);
            gateway.assertGoodEnd();
            reporter.publishEntry(
                    front + " to " + back + ", " + (BYTES >> 20) + " MiB",
                    "up " + millis(start, between) + ", down " + millis(between, end) + ", " + gateway.peakMemory());
        }
    }

    private static String millis(long from, long to) {
        return (to - from) / 1_000_000 + " ms";
    }

    // ---- the two ends

    /** The client's length is known beforehand, the upstream's is not, so that both framings of HTTP/1.1 are used. */
    private static String upload(Upstream service) {
        Body body = Body.of(chunks(), BYTES, Mono.empty());
        return service.call(HttpExchange.of(RequestHead.of("POST", "bulk", "/"), body))
                .flatMap(reply -> reply.body().asString(1024))
                .block(limit());
    }

    private static String download(Upstream service) {
        return service.call(HttpExchange.of(RequestHead.of("GET", "bulk", "/"), Body.empty()))
                .flatMap(reply -> checksum(reply.body()))
                .block(limit());
    }

    private static Mono<HttpReply> answer(HttpExchange exchange) {
        if (exchange.head().method().equals("GET")) {
            return Mono.just(HttpReply.of(200, Fields.empty(), Body.of(chunks())));
        }
        return checksum(exchange.body()).map(sum -> HttpReply.text(200, sum));
    }

    private static Duration limit() {
        return Duration.ofSeconds(30 + (BYTES >> 20) / 4);
    }

    // ---- data and checksums

    /** Noise from a place that depends on the position, so that chunks that change places are noticed. */
    private static Flux<ByteBuf> chunks() {
        return Flux.generate(() -> 0L, (position, sink) -> {
            if (position == BYTES) {
                sink.complete();
                return position;
            }
            int size = size(position);
            sink.next(Unpooled.wrappedBuffer(NOISE, place(position), size));
            return position + size;
        });
    }

    private static int size(long position) {
        return (int) Math.min(CHUNK, BYTES - position);
    }

    private static int place(long position) {
        return (int) (position / CHUNK * 7919 % (NOISE.length - CHUNK));
    }

    private static Mono<String> checksum(Body body) {
        return body.timeout(STALLS)
                .reduceWith(Checksum::new, Checksum::addAndRelease)
                .map(Checksum::toString);
    }

    private static String expected() {
        Checksum sum = new Checksum();
        for (long position = 0; position < BYTES; position += size(position)) {
            sum.add(ByteBuffer.wrap(NOISE, place(position), size(position)));
        }
        return sum.toString();
    }

    private static final class Checksum {

        private final CRC32C crc = new CRC32C();
        private long bytes;

        void add(ByteBuffer data) {
            bytes += data.remaining();
            crc.update(data);
        }

        Checksum addAndRelease(ByteBuf buffer) {
            for (ByteBuffer part : buffer.nioBuffers()) {
                add(part);
            }
            buffer.release();
            return this;
        }

        @Override
        public String toString() {
            return bytes + " bytes, CRC32C " + Long.toHexString(crc.getValue());
        }
    }
}
