package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.wire.HeadgateWire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Clients that send one upload at the same time, each over a connection of its own. */
@Timeout(120)
class UploadRivalsTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int SIZE = 24_000_000;
    private static final OctetFiles FILES = OctetFiles.DEFAULTS;
    private static final Resume RESUME = Resume.DEFAULTS
            .withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)))
            .withAttempts(100)
            .withChecksum(Checksum.CRC32C);

    private final AtomicInteger handled = new AtomicInteger();
    private final ConcurrentLinkedQueue<Throwable> losses = new ConcurrentLinkedQueue<>();
    private final List<RpcClient> clients = new ArrayList<>();
    private final List<byte[]> stored = new ArrayList<>(); // guarded by itself
    private final Sinks.One<Integer> gate = Sinks.one(); // what the handler waits for, where a test says so
    private byte[] content = new byte[0];
    private RpcServer server;
    private UploadDesk desk;
    private boolean gated;

    @TempDir
    Path folder;

    private Path spool;

    @BeforeEach
    void serve() throws IOException {
        spool = Files.createDirectory(folder.resolve("spool"));
        FileSpool files = FileSpool.of(spool, SIZE, FILES);
        desk = new UploadDesk(files, request -> {
            handled.incrementAndGet();
            Upload upload = request.attributes().get(Upload.KEY);
            request.body().discard();
            Mono<Long> size = Mono.fromCallable(() -> keep(files.file(upload))).subscribeOn(FILES.scheduler());
            return (gated ? gate.asMono().then(size) : size)
                    .map(all -> RpcReply.of(Content.JSON, Body.utf8(String.valueOf(all))));
        });
        server = RpcServer.bind(RpcServerSpec.of("tcp://127.0.0.1:0", HeadgateWire.DIALECT)
                        .withHandler(desk))
                .block(LONG);
    }

    private long keep(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        Files.delete(file);
        synchronized (stored) {
            stored.add(all);
        }
        return all.length;
    }

    @AfterEach
    void close() {
        clients.forEach(client -> client.closeAsync(Duration.ZERO).block(LONG));
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    private Service<RpcRequest, RpcReply> client() {
        RpcClient client = RpcClient.of(RpcClientSpec.of(server.address().toString(), HeadgateWire.DIALECT)
                .withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20))));
        clients.add(client);
        return RESUME.withListener((endpoint, position, futile, loss) -> losses.add(loss))
                .uploads()
                .wrap(client);
    }

    private CompletableFuture<String> put(Service<RpcRequest, RpcReply> client, Runnable atEachBuffer) {
        SeekableBody body = SeekableBody.of("v1", content.length, at -> chunks((int) at, atEachBuffer));
        return client.call(RpcRequest.of("files/put", Content.OCTETS, Content.JSON, body)
                        .withFields(Fields.of("resume-upload", "mine")))
                .flatMap(reply -> reply.body().asString(100))
                .toFuture();
    }

    private Flux<ByteBuf> chunks(int from, Runnable each) {
        return Flux.generate(() -> from, (at, sink) -> {
            if (at == content.length) {
                sink.complete();
                return at;
            }
            int size = Math.min(64 * 1024, content.length - at);
            each.run();
            sink.next(Unpooled.wrappedBuffer(content, at, size));
            return at + size;
        });
    }

    private static Throwable failure(CompletableFuture<String> call) throws Exception {
        return call.handle((reply, error) -> error).get(60, TimeUnit.SECONDS);
    }

    private static void assertAborted(Throwable failure, String what) {
        assertThat(failure).hasMessage("files/put: upload mine: " + what);
        RpcException told = (RpcException) failure;
        assertThat(told.rpcStatus()).isEqualTo(RpcStatus.ABORTED);
        assertThat(told.is(Trait.RETRYABLE)).isFalse();
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(desk.turns().underWay()).isZero();
        try (var left = Files.list(spool)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void theLaterOneFinishesAndTheEarlierOneIsToldAtOnce() throws Exception {
        content = Bytes.some(new Random(1), SIZE);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger buffers = new AtomicInteger();
        CompletableFuture<String> earlier = put(client(), () -> {
            if (buffers.incrementAndGet() == 40) {
                begun.countDown();
            }
        });
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        gated = true;
        CompletableFuture<String> later = put(client(), () -> {});
        assertAborted(failure(earlier), "taken over by a later call (expected: one caller at a time)");
        assertThat(later).isNotDone();
        gate.tryEmitValue(1);
        assertThat(later.get(60, TimeUnit.SECONDS)).isEqualTo(String.valueOf(SIZE));
        assertThat(losses).isEmpty();
        assertThat(handled).hasValue(1);
        assertThat(stored).hasSize(1).allSatisfy(all -> assertThat(all).isEqualTo(content));
        assertNothingIsLeft();
    }

    @Test
    void aCallWhoseHandlerIsAtWorkIsNotTakenOver() throws Exception {
        content = Bytes.some(new Random(1), 100_000);
        gated = true;
        CompletableFuture<String> earlier = put(client(), () -> {});
        Flux.interval(Duration.ofMillis(1)).takeUntil(tick -> handled.get() > 0).blockLast(LONG);
        assertAborted(
                failure(put(client(), () -> {})),
                "another call has sent all of it and is carried out (expected: none until its end)");
        gate.tryEmitValue(1);
        assertThat(earlier.get(60, TimeUnit.SECONDS)).isEqualTo("100000");
        assertThat(handled).hasValue(1);
        assertNothingIsLeft();
    }

    /** Whoever is not told that it finished is told why, and of those that overlap the last one to ask finishes. */
    @Test
    void ofManyAtTheSameMomentOneFinishesAndTheOthersAreTold() throws Exception {
        List<Service<RpcRequest, RpcReply>> rivals = List.of(client(), client(), client(), client());
        for (int round = 0; round < 50; round++) {
            content = Bytes.some(new Random(round), 1 + new Random(round).nextInt(600_000));
            List<CompletableFuture<String>> calls =
                    rivals.stream().map(rival -> put(rival, () -> {})).toList();
            int finished = 0;
            for (CompletableFuture<String> call : calls) {
                Throwable failure = failure(call);
                if (failure == null) {
                    finished++;
                } else {
                    assertThat(failure).as("round %d", round).hasMessageMatching("files/put: upload mine: .*call.*");
                }
            }
            assertThat(finished)
                    .as("round %d", round)
                    .isEqualTo(handled.getAndSet(0))
                    .isPositive();
            assertThat(stored)
                    .hasSize(finished)
                    .allSatisfy(all -> assertThat(all).isEqualTo(content));
            stored.clear();
        }
        assertThat(losses).isEmpty();
        assertNothingIsLeft();
    }

    /** Connections break all the time, so that retries of one are in the way of the others, and of their own ghosts. */
    @Test
    void whateverConnectionsAreLostSomebodyFinishes() throws Exception {
        List<Service<RpcRequest, RpcReply>> rivals = List.of(client(), client());
        for (int round = 0; round < 30; round++) {
            Random random = new Random(round);
            content = Bytes.some(random, 1_000_000 + random.nextInt(1_000_000));
            AtomicInteger cuts = new AtomicInteger(4);
            AtomicInteger buffers = new AtomicInteger();
            int every = 5 + random.nextInt(8);
            List<CompletableFuture<String>> calls = rivals.stream()
                    .map(rival -> put(rival, () -> {
                        if (buffers.incrementAndGet() % every == 0 && cuts.getAndDecrement() > 0) {
                            server.connections().forEach(UploadRivalsTest::cut);
                        }
                    }))
                    .toList();
            List<Throwable> failures = new ArrayList<>();
            for (CompletableFuture<String> call : calls) {
                Throwable failure = failure(call);
                if (failure != null) {
                    failures.add(failure);
                }
            }
            assertThat(failures)
                    .as("round %d", round)
                    .hasSizeLessThan(2)
                    .allSatisfy(failure -> assertThat(failure).hasMessageMatching("files/put: upload mine: .*call.*"));
            assertThat(stored).isNotEmpty().allSatisfy(all -> assertThat(all).isEqualTo(content));
            stored.clear();
        }
        assertThat(losses).isNotEmpty();
    }

    private static void cut(RpcConnection connection) {
        connection.abort("cut by the test");
    }
}
