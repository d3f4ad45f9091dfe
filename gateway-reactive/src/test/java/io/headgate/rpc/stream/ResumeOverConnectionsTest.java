package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.endpoint.Endpoints;
import io.headgate.rpc.endpoint.RpcClients;
import io.headgate.rpc.local.InProcess;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The stages over connections that are cut in the middle, with files on both sides. */
class ResumeOverConnectionsTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int SIZE = 1_000_000;
    private static final OctetFiles FILES = OctetFiles.DEFAULTS.withChunk(16 * 1024);
    private static final Resume RESUME = Resume.DEFAULTS
            .withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)))
            .withChecksum(Checksum.CRC32C);

    /** Connects when there is no connection, as a client does. */
    private static final class Reconnecting implements Service<RpcRequest, RpcReply> {

        private final AtomicReference<RpcConnection> current = new AtomicReference<>();
        private final AtomicInteger connections = new AtomicInteger();
        private final Supplier<RpcConnection> connect;

        Reconnecting(Supplier<RpcConnection> connect) {
            this.connect = connect;
        }

        @Override
        public synchronized Mono<RpcReply> call(RpcRequest request) {
            RpcConnection connection = current.get();
            if (connection == null) {
                connections.incrementAndGet();
                connection = connect.get();
                current.set(connection);
            }
            return connection.call(request);
        }

        void cut() {
            RpcConnection connection = current.getAndSet(null);
            if (connection != null) {
                connection.abort("cut by the test");
            }
        }
    }

    private final Random random = new Random(7);

    @TempDir
    Path folder;

    private Path source;

    @BeforeEach
    void writeSource() throws IOException {
        source = folder.resolve("source");
        Files.write(source, Bytes.some(random, SIZE));
    }

    private Service<RpcRequest, RpcReply> handler() {
        Service<RpcRequest, RpcReply> handler = request -> request.endpoint().equals("get")
                ? Mono.just(RpcReply.of(Content.OCTETS, FILES.body(source)))
                : FILES.write(folder.resolve("stored"), 0, request.body())
                        .map(size -> RpcReply.of(Content.JSON, Body.utf8(String.valueOf(size))));
        return Resume.offers()
                .andThen(Resume.takes(FileSpool.of(folder, SIZE, FILES)))
                .apply(handler);
    }

    /** Cuts four times, each when so many bytes have passed. */
    private static Consumer<Integer> every(int bytes, Runnable cut) {
        AtomicInteger passed = new AtomicInteger();
        AtomicInteger cuts = new AtomicInteger();
        return count -> {
            if (passed.addAndGet(count) > bytes && cuts.incrementAndGet() <= 4) {
                passed.set(0);
                cut.run();
            }
        };
    }

    private void download(Reconnecting network) throws IOException {
        Path target = folder.resolve("target");
        Consumer<Integer> cutter = every(230_000, network::cut);
        Long size = RESUME.downloads()
                .wrap(network)
                .call(RpcRequest.of("get", Content.NONE, Content.OCTETS, Body.empty()))
                .flatMap(reply ->
                        FILES.write(target, 0, reply.body().doOnNext(buffer -> cutter.accept(buffer.readableBytes()))))
                .block(LONG);
        assertThat(size).isEqualTo(SIZE);
        assertThat(target).hasSameBinaryContentAs(source);
        assertThat(network.connections.get()).isGreaterThan(3);
    }

    private void upload(Reconnecting network) {
        Consumer<Integer> cutter = every(230_000, network::cut);
        SeekableBody body = SeekableBody.of(
                "v1", SIZE, at -> FILES.read(source, at).doOnNext(buffer -> cutter.accept(buffer.readableBytes())));
        String size = RESUME.uploads()
                .wrap(network)
                .call(RpcRequest.of("put", Content.OCTETS, Content.JSON, body)
                        .withFields(Fields.of("resume-upload", "mine")))
                .flatMap(reply -> reply.body().asString(100))
                .block(LONG);
        assertThat(size).isEqualTo(String.valueOf(SIZE));
        assertThat(folder.resolve("stored")).hasSameBinaryContentAs(source);
        assertThat(network.connections.get()).isGreaterThan(3);
    }

    private Reconnecting inProcess() {
        RpcSpec callee = RpcSpec.DEFAULTS.withHandler(handler());
        return new Reconnecting(
                () -> InProcess.connect(RpcSpec.DEFAULTS, callee).initiator());
    }

    @Test
    void downloadsInProcess() throws IOException {
        download(inProcess());
    }

    @Test
    void uploadsInProcess() {
        upload(inProcess());
    }

    /** What users write. */
    interface Archive {
        Flux<ByteBuf> fetch(String name);

        Mono<Long> store(String name, Flux<ByteBuf> content);
    }

    private final class FolderArchive implements Archive {

        @Override
        public Flux<ByteBuf> fetch(String name) {
            return FILES.body(folder.resolve(name));
        }

        @Override
        public Mono<Long> store(String name, Flux<ByteBuf> content) {
            return FILES.write(folder.resolve(name), 0, content);
        }
    }

    @Test
    void typedEndpointsAreResumedAsTheyAre() {
        Service<RpcRequest, RpcReply> handler = Resume.offers()
                .andThen(Resume.takes(FileSpool.of(folder, SIZE, FILES)))
                .apply(Endpoints.of(new FolderArchive()));
        Reconnecting network =
                new Reconnecting(() -> InProcess.connect(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS.withHandler(handler))
                        .initiator());
        Archive archive = RpcClients.create()
                .client(
                        Archive.class,
                        RESUME.downloads().andThen(RESUME.uploads()).apply(network));
        Consumer<Integer> cutter = every(230_000, network::cut);
        Flux<ByteBuf> fetched = archive.fetch("source").doOnNext(buffer -> cutter.accept(buffer.readableBytes()));
        assertThat(FILES.write(folder.resolve("target"), 0, fetched).block(LONG))
                .isEqualTo(SIZE);
        assertThat(folder.resolve("target")).hasSameBinaryContentAs(source);
        assertThat(network.connections).hasValue(5);
        AtomicInteger sent = new AtomicInteger();
        SeekableBody body = SeekableBody.of(
                "v1",
                SIZE,
                at -> FILES.read(source, at).doOnNext(buffer -> {
                    if (sent.addAndGet(buffer.readableBytes()) == 16 * 1024 * 20) {
                        network.cut();
                    }
                }));
        assertThat(archive.store("copy", body).block(LONG)).isEqualTo(SIZE);
        assertThat(folder.resolve("copy")).hasSameBinaryContentAs(source);
        assertThat(network.connections).hasValue(6);
    }
}
