package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class OctetFilesTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final byte[] content = Bytes.some(new Random(1), 10_000);
    private final OctetFiles files =
            OctetFiles.DEFAULTS.withAllocator(allocator).withChunk(1000);
    private final OctetFiles here = files.withScheduler(Schedulers.immediate());

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        file = folder.resolve("content");
        Files.write(file, content);
    }

    @AfterEach
    void nothingLeaksAndNothingIsOpen() throws IOException {
        allocator.assertNoLeaks();
        assertThat(open(folder)).isZero();
    }

    /** How many files of the folder this process has open. */
    private static long open(Path folder) throws IOException {
        Path mine = Path.of("/proc/self/fd");
        if (!Files.isDirectory(mine)) {
            return 0;
        }
        try (var descriptors = Files.list(mine)) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).startsWith(folder);
                        } catch (IOException gone) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    private static byte[] collect(Flux<ByteBuf> bytes) {
        return bytes.reduce(new java.io.ByteArrayOutputStream(), (all, buffer) -> {
                    all.writeBytes(ByteBufUtil.getBytes(buffer));
                    buffer.release();
                    return all;
                })
                .block(LONG)
                .toByteArray();
    }

    @Test
    void readsFromAnyByteToTheEnd() {
        for (int offset : new int[] {0, 1, 999, 1000, 9999, 10_000, 20_000}) {
            assertThat(collect(files.read(file, offset)))
                    .as("from %d", offset)
                    .isEqualTo(Arrays.copyOfRange(content, Math.min(offset, 10_000), 10_000));
        }
    }

    @Test
    void readsWhatIsAskedForAndNothingAhead() throws IOException {
        AtomicReference<Integer> read = new AtomicReference<>(0);
        StepVerifier.create(
                        here.read(file, 0).doOnNext(buffer -> {
                            read.updateAndGet(n -> n + buffer.readableBytes());
                            buffer.release();
                        }),
                        0)
                .then(() -> assertThat(read).hasValue(0))
                .thenRequest(2)
                .expectNextCount(2)
                .then(() -> assertThat(read).hasValue(2000))
                .thenRequest(20)
                .expectNextCount(8)
                .verifyComplete();
    }

    @Test
    void isClosedWhenItIsCancelled() throws IOException {
        StepVerifier.create(here.read(file, 0).doOnNext(ByteBuf::release), 1)
                .expectNextCount(1)
                .thenCancel()
                .verify();
        assertThat(open(folder)).isZero();
        StepVerifier.create(here.read(file, 0), 0).thenCancel().verify();
    }

    @Test
    void cancelFromAnotherThreadClosesTheFileToo() throws Exception {
        var threads = Schedulers.newBoundedElastic(2, 1000, "files");
        for (int round = 0; round < 100; round++) {
            files.withScheduler(threads)
                    .read(file, 0)
                    .doOnNext(ByteBuf::release)
                    .subscribe(buffer -> {}, error -> {})
                    .dispose();
        }
        threads.disposeGracefully().block(LONG); // what was scheduled has run then
        assertThat(open(folder)).isZero();
    }

    @Test
    void aFileThatIsNotThereFails() {
        assertThatThrownBy(() -> collect(files.read(folder.resolve("missing"), 0)))
                .hasRootCauseInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.find(folder.resolve("missing")).block(LONG))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        error -> assertThat(error.rpcStatus()).isEqualTo(RpcStatus.NOT_FOUND));
        assertThatThrownBy(() -> files.find(folder).block(LONG)).isInstanceOf(RpcException.class);
    }

    @Test
    void theValidatorIsAnotherOneWhenTheFileIs() throws IOException {
        String before = files.find(file).block(LONG).validator();
        assertThat(files.find(file).block(LONG).validator()).isEqualTo(before);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertThat(files.find(file).block(LONG).validator()).isNotEqualTo(before);
        assertThat(files.find(file).block(LONG).length()).isEqualTo(10_000);
    }

    @Test
    void aBodyIsAsLongAsTheFileWasWhenItWasFound() throws IOException {
        SeekableBody found = files.find(file).block(LONG);
        Files.write(file, new byte[10], java.nio.file.StandardOpenOption.APPEND);
        assertThat(collect(found.from(5000))).isEqualTo(Arrays.copyOfRange(content, 5000, 10_000));
        Files.write(file, new byte[6000]);
        assertThatThrownBy(() -> collect(found.from(5000)))
                .hasMessage("file: ended at byte 6000 (expected: at byte 10000)");
        assertThat(collect(files.body(file))).hasSize(6000);
    }

    @Test
    void writesFromAnyByteAndCutsTheRest() throws IOException {
        Path target = folder.resolve("target");
        Random random = new Random(1);
        assertThat(files.write(target, 0, Bytes.chunked(content, 0, allocator, random))
                        .block(LONG))
                .isEqualTo(10_000);
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        assertThat(files.write(target, 4000, Bytes.chunked(content, 9000, allocator, random))
                        .block(LONG))
                .isEqualTo(5000);
        assertThat(Files.readAllBytes(target))
                .startsWith(Arrays.copyOf(content, 4000))
                .endsWith(Arrays.copyOfRange(content, 9000, 10_000))
                .hasSize(5000);
        assertThat(files.write(target, 0, Flux.empty()).block(LONG)).isZero();
    }

    @Test
    void whatCameBeforeAnErrorIsWritten() throws IOException {
        Path target = folder.resolve("target");
        ScriptedBody body = ScriptedBody.create();
        AtomicReference<Throwable> error = new AtomicReference<>();
        here.write(target, 0, body).subscribe(size -> {}, error::set);
        body.emit(allocator.utf8("abc"));
        body.fail(Lossy.lost());
        assertThat(error.get()).hasMessageStartingWith("connection: lost");
        assertThat(target).hasContent("abc");
    }

    @Test
    void aCancelledWriteLetsGoOfAll() throws IOException {
        Path target = folder.resolve("target");
        ScriptedBody body = ScriptedBody.create();
        var write = here.write(target, 0, body).subscribe();
        body.emit(allocator.utf8("abc"));
        write.dispose();
        assertThat(body.cancels()).isOne();
        assertThat(target).hasContent("abc");
    }

    @Test
    void aWriteThatIsCancelledBeforeItBeginsMakesNoFile() {
        Queue<Runnable> later = new ArrayDeque<>();
        ScriptedBody body = ScriptedBody.create();
        var write = here.withScheduler(Schedulers.fromExecutor(later::add))
                .write(folder.resolve("target"), 0, body)
                .subscribe();
        body.emit(allocator.utf8("abc"));
        write.dispose();
        later.remove().run();
        assertThat(folder.resolve("target")).doesNotExist();
    }

    @Test
    void asksForFourBuffersAtATime() {
        ScriptedBody body = ScriptedBody.create();
        var write = here.write(folder.resolve("target"), 0, body).subscribe();
        assertThat(body.requested()).isEqualTo(4);
        body.emit(allocator.utf8("abc"));
        assertThat(body.requested()).isEqualTo(5);
        write.dispose();
    }

    @Test
    void aFileThatCannotBeWrittenCancelsTheStream() {
        for (var write : java.util.List.of(
                here.write(folder, 0, Flux.empty()), here.write(folder.resolve("new"), 5, Flux.empty()))) {
            assertThatThrownBy(() -> write.block(LONG)).hasRootCauseInstanceOf(IOException.class);
        }
        ScriptedBody body = ScriptedBody.create();
        AtomicReference<Throwable> error = new AtomicReference<>();
        here.write(folder, 0, body).subscribe(size -> {}, error::set);
        body.emit(allocator.utf8("abc"));
        body.emit(allocator.utf8("def"));
        assertThat(error.get()).isInstanceOf(IOException.class);
        assertThat(body.cancels()).isOne();
    }

    @Test
    void aSchedulerThatIsGoneFailsTheStreamAndReleasesAll() {
        var gone = Schedulers.newSingle("gone");
        gone.dispose();
        assertThatThrownBy(() -> collect(files.withScheduler(gone).read(file, 0)))
                .isInstanceOf(java.util.concurrent.RejectedExecutionException.class);
        ScriptedBody body = ScriptedBody.create();
        AtomicReference<Throwable> error = new AtomicReference<>();
        files.withScheduler(gone).write(folder.resolve("target"), 0, body).subscribe(size -> {}, error::set);
        body.emit(allocator.utf8("abc"));
        assertThat(error.get()).isInstanceOf(java.util.concurrent.RejectedExecutionException.class);
    }
}
