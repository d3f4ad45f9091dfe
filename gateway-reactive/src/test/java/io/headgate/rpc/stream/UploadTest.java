package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class UploadTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Resume QUICK =
            Resume.DEFAULTS.withBackoff(Backoff.NONE).withTimer(Schedulers.immediate());

    private static final Upload UPLOAD = new Upload("mine", "files/put", Fields.empty());

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final List<byte[]> received = new ArrayList<>();
    private final List<RpcRequest> seen = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
        assertThat(Bytes.RELEASED_TWICE).isEmpty();
    }

    /** Keeps uploads in memory; may forget the end of what was not flushed, as a disk does. */
    private final class Memory implements UploadSink {

        private final Map<String, ByteArrayOutputStream> uploads = new HashMap<>();

        @Override
        public Mono<Long> offset(Upload upload) {
            return Mono.fromSupplier(() -> (long) of(upload).size());
        }

        @Override
        public Mono<Long> write(Upload upload, long offset, Flux<ByteBuf> bytes) {
            return bytes.<Void>handle((buffer, nothing) -> {
                        of(upload).writeBytes(ByteBufUtil.getBytes(buffer));
                        buffer.release();
                    })
                    .then(offset(upload));
        }

        @Override
        public Flux<ByteBuf> read(Upload upload, long offset) {
            return Flux.defer(() -> Bytes.chunked(of(upload).toByteArray(), offset, allocator, new Random(1)));
        }

        ByteArrayOutputStream of(Upload upload) {
            return uploads.computeIfAbsent(upload.id(), id -> new ByteArrayOutputStream());
        }
    }

    private Service<RpcRequest, RpcReply> handler() {
        return request -> request.body().aggregate(1 << 20).map(all -> {
            received.add(ByteBufUtil.getBytes(all));
            all.release();
            seen.add(request);
            return RpcReply.of(Content.JSON, Body.utf8("\"thanks\""));
        });
    }

    private SeekableBody body(byte[] content, boolean known, Random random) {
        return SeekableBody.of(
                "v1",
                known ? content.length : Body.UNKNOWN_LENGTH,
                at -> Bytes.chunked(content, at, allocator, random));
    }

    private static RpcRequest request(Body body) {
        return RpcRequest.of("files/put", Content.OCTETS, Content.JSON, body).withFields(Fields.of("who", "me"));
    }

    private static RpcReply ask(Service<RpcRequest, RpcReply> service, String endpoint, String... fields) {
        return service.call(RpcRequest.of(endpoint, Content.NONE, Content.NONE, Body.empty())
                        .withFields(Fields.of(fields)))
                .block(LONG);
    }

    @Test
    void whateverTheNetworkLosesTheUploadIsExact() {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            byte[] content = Bytes.some(random, random.nextInt(3) == 0 ? random.nextInt(10) : random.nextInt(100_000));
            Resume settings = QUICK.withAttempts(20).withChecksum(Checksum.values()[random.nextInt(3)]);
            Lossy network = new Lossy(Resume.takes(new Memory()).wrap(handler()), random, random.nextInt(12), 40_000);
            received.clear();
            String reply = settings.uploads()
                    .wrap(network)
                    .call(request(body(content, random.nextBoolean(), random)))
                    .flatMap(answer -> answer.body().asString(100))
                    .onErrorResume(lostInTheReply -> Mono.just("\"thanks\""))
                    .contextWrite(Bytes.DISCARDING)
                    .block(LONG);
            assertThat(reply).as("seed %d", seed).isEqualTo("\"thanks\"");
            assertThat(received)
                    .as("seed %d", seed)
                    .isNotEmpty()
                    .allSatisfy(all -> assertThat(all).isEqualTo(content));
        }
    }

    @Test
    void theHandlerSeesTheCallAsItWasMeant() {
        RpcReply reply = QUICK.uploads()
                .wrap(Resume.takes(new Memory()).wrap(handler()))
                .call(request(body(new byte[10], true, new Random(1))))
                .block(LONG);
        reply.discard();
        RpcRequest call = seen.get(0);
        assertThat(call.endpoint()).isEqualTo("files/put");
        assertThat(call.content()).isEqualTo(Content.OCTETS);
        assertThat(call.accept()).isEqualTo(Content.JSON);
        assertThat(call.fields()).isEqualTo(Fields.of("who", "me"));
        assertThat(call.body().length()).isEqualTo(10);
        assertThat(call.attributes().get(Upload.KEY).id()).hasSize(32);
    }

    @Test
    void aCalleeThatCannotResumeGetsAPlainCall() {
        List<String> endpoints = new ArrayList<>();
        Service<RpcRequest, RpcReply> plain = request -> {
            endpoints.add(request.endpoint());
            if (request.endpoint().startsWith("headgate.")) {
                return Mono.error(RpcException.remote(RpcStatus.UNIMPLEMENTED, "no such endpoint", true));
            }
            return handler().call(request);
        };
        QUICK.uploads()
                .wrap(plain)
                .call(request(body("abc".getBytes(StandardCharsets.UTF_8), true, new Random(1))))
                .block(LONG)
                .discard();
        assertThat(endpoints).containsExactly("headgate.resume/offset", "files/put");
        assertThat(received).containsExactly("abc".getBytes(StandardCharsets.UTF_8));
        assertThat(seen.get(0).fields()).isEqualTo(Fields.of("who", "me"));
    }

    @Test
    void theProgressOfAnUploadEndsWithItsReply() {
        Progress progress = Progress.create();
        byte[] content = Bytes.some(new Random(1), 50_000);
        Lossy network = new Lossy(Resume.takes(new Memory()).wrap(handler()), new Random(6), 5, 30_000);
        QUICK.uploads()
                .wrap(network)
                .call(request(body(content, true, new Random(1)).with(progress)))
                .block(LONG)
                .discard();
        assertThat(network.calls).isGreaterThan(5);
        assertThat(progress.report().state()).isEqualTo(ProgressReport.State.COMPLETE);
        assertThat(progress.report().bytes()).isEqualTo(50_000);
        assertThat(progress.report().total()).isEqualTo(50_000);
    }

    @Test
    void whatIsCutAtTheMomentWhenABufferComesIsReleased() throws Exception {
        for (int round = 0; round < 500; round++) {
            Turn turn = new Turn(UPLOAD, new Attempt("", 0), new Turns());
            ScriptedBody body = ScriptedBody.create();
            AtomicReference<Throwable> end = new AtomicReference<>();
            turn.guard(body).subscribe(ByteBuf::release, end::set);
            Thread emitting = new Thread(() -> {
                for (int i = 0; i < 20; i++) {
                    body.emit(allocator.utf8("abc"));
                }
            });
            emitting.start();
            turn.stop(UploadFaults.cut(UPLOAD));
            emitting.join();
            assertThat(end.get()).isInstanceOf(RpcException.class);
            assertThat(body.cancels()).isOne();
        }
    }

    @Test
    void aPlainCallThatIsLostIsNotMadeAgain() {
        List<String> endpoints = new ArrayList<>();
        Service<RpcRequest, RpcReply> plain = request -> {
            endpoints.add(request.endpoint());
            return Mono.error(
                    request.endpoint().startsWith("headgate.")
                            ? RpcException.remote(RpcStatus.UNIMPLEMENTED, "no such endpoint", true)
                            : Lossy.lost());
        };
        assertThatThrownBy(() -> QUICK.uploads()
                        .wrap(plain)
                        .call(request(body(new byte[10], true, new Random(1))))
                        .block(LONG))
                .hasMessage(Lossy.lost().getMessage());
        assertThat(endpoints).containsExactly("headgate.resume/offset", "files/put");
    }

    @Test
    void anUploadWithANameGoesOnInAnotherProcess() {
        Memory memory = new Memory();
        memory.of(new Upload("mine", "files/put", Fields.empty())).writeBytes("abc".getBytes(StandardCharsets.UTF_8));
        List<Long> asked = new ArrayList<>();
        byte[] content = "abcdef".getBytes(StandardCharsets.UTF_8);
        SeekableBody body = SeekableBody.of("v1", 6, at -> {
            asked.add(at);
            return Bytes.chunked(content, at, allocator, new Random(1));
        });
        QUICK.uploads()
                .wrap(Resume.takes(memory).wrap(handler()))
                .call(request(body).withFields(Fields.of("resume-upload", "mine")))
                .block(LONG)
                .discard();
        assertThat(asked).containsExactly(3L);
        assertThat(received).containsExactly(content);
    }

    @Test
    void wrongBytesAreDataLossBeforeTheHandlerSeesThem() {
        Memory memory = new Memory();
        memory.of(new Upload("mine", "files/put", Fields.empty())).writeBytes("abX".getBytes(StandardCharsets.UTF_8));
        byte[] content = "abcdef".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> QUICK.withChecksum(Checksum.CRC32C)
                        .uploads()
                        .wrap(Resume.takes(memory).wrap(handler()))
                        .call(request(body(content, true, new Random(1)))
                                .withFields(Fields.of("resume-upload", "mine")))
                        .block(LONG))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        error -> assertThat(error.rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS))
                .hasMessageContaining("crc32c=");
        assertThat(received).isEmpty();
    }

    @Test
    void aLaterCallEndsAnEarlierOneAndFindsWhatItHasWritten() {
        Memory memory = new Memory();
        Service<RpcRequest, RpcReply> desk = Resume.takes(memory).wrap(handler());
        ScriptedBody dead = ScriptedBody.create();
        AtomicReference<Throwable> first = new AtomicReference<>();
        desk.call(RpcRequest.of("headgate.resume/bytes", Content.OCTETS, Content.NONE, dead)
                        .withFields(Fields.of(
                                "resume-upload", "mine", "resume-endpoint", "files/put", "resume-offset", "0")))
                .subscribe(reply -> {}, first::set);
        dead.emit(allocator.utf8("abc"));
        RpcReply told = ask(desk, "headgate.resume/offset", "resume-upload", "mine", "resume-endpoint", "files/put");
        assertThat(told.fields()).isEqualTo(Fields.of("resume-offset", "3"));
        assertThat(dead.cancels()).isOne();
        assertThat(((RpcException) first.get()).rpcStatus()).isEqualTo(RpcStatus.ABORTED);
        dead.emit(allocator.utf8("too late"));
    }

    @Test
    void aCancelledCallKeepsWhatCameBefore() {
        Memory memory = new Memory();
        Service<RpcRequest, RpcReply> desk = Resume.takes(memory).wrap(handler());
        ScriptedBody body = ScriptedBody.create();
        var call = desk.call(RpcRequest.of("headgate.resume/bytes", Content.OCTETS, Content.NONE, body)
                        .withFields(Fields.of(
                                "resume-upload", "mine", "resume-endpoint", "files/put", "resume-offset", "0")))
                .subscribe();
        body.emit(allocator.utf8("abc"));
        call.dispose();
        assertThat(body.cancels()).isOne();
        assertThat(memory.of(new Upload("mine", "x", Fields.empty())).size()).isEqualTo(3);
    }

    @Test
    void stepsThatAreWrongAreRefusedAndTheirBodiesDropped() {
        Service<RpcRequest, RpcReply> desk = Resume.takes(new Memory()).wrap(handler());
        List<Fields> wrong = List.of(
                Fields.empty(),
                Fields.of("resume-upload", "../etc/passwd", "resume-endpoint", "a", "resume-offset", "0"),
                Fields.of("resume-upload", "mine", "resume-offset", "0"),
                Fields.of("resume-upload", "mine", "resume-endpoint", "a"),
                Fields.of("resume-upload", "mine", "resume-endpoint", "a", "resume-offset", "5"));
        for (Fields fields : wrong) {
            ScriptedBody body = ScriptedBody.create();
            AtomicReference<Throwable> error = new AtomicReference<>();
            desk.call(RpcRequest.of("headgate.resume/bytes", Content.OCTETS, Content.NONE, body)
                            .withFields(fields))
                    .subscribe(reply -> {}, error::set);
            assertThat(error.get()).as("%s", fields).isInstanceOf(RpcException.class);
            assertThat(body.discards()).as("%s", fields).isOne();
        }
    }

    @Test
    void aSpoolOfFilesGoesOnWhereItsFilesEnd() throws Exception {
        OctetFiles files = OctetFiles.DEFAULTS.withAllocator(allocator).withChunk(512);
        byte[] content = Bytes.some(new Random(1), 50_000);
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(seed);
            FileSpool spool = FileSpool.of(folder, 100_000, files);
            received.clear();
            Lossy network = new Lossy(Resume.takes(spool).wrap(handler()), random, 4, 30_000);
            QUICK.withChecksum(Checksum.CRC32C)
                    .uploads()
                    .wrap(network)
                    .call(request(body(content, true, random)))
                    .block(LONG)
                    .discard();
            assertThat(received).isNotEmpty().allSatisfy(all -> assertThat(all).isEqualTo(content));
        }
        FileSpool spool = FileSpool.of(folder, 100_000, files);
        assertThat(spool.sweep(Duration.ofHours(1)).block(LONG)).isZero();
        assertThat(spool.sweep(Duration.ofSeconds(-1)).block(LONG)).isEqualTo(10);
        try (var left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aSpoolRefusesWhatIsTooLongAndKeepsNothingOfIt() throws Exception {
        FileSpool spool = FileSpool.of(folder, 1000, OctetFiles.DEFAULTS.withAllocator(allocator));
        assertThatThrownBy(() -> QUICK.uploads()
                        .wrap(Resume.takes(spool).wrap(handler()))
                        .call(request(body(new byte[1001], true, new Random(1))))
                        .block(LONG))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        error -> assertThat(error.rpcStatus()).isEqualTo(RpcStatus.RESOURCE_EXHAUSTED))
                .hasMessage("files/put: too long (expected: at most 1000 bytes)");
        try (var left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }
}
