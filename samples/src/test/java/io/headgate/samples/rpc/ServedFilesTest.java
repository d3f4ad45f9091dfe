package io.headgate.samples.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.RpcContext;
import io.headgate.rpc.stream.Upload;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

@Timeout(60)
class ServedFilesTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private static Upload upload(String values) {
        return new Upload("mine", "files/write", Fields.of("headgate-values", values));
    }

    private static void assertRefused(ServedFiles files, Upload upload, RpcStatus status, String message) {
        assertThatThrownBy(() -> files.uploads().offset(upload).block(LONG))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        error -> assertThat(error.rpcStatus()).isEqualTo(status))
                .hasMessage(message);
    }

    private long waiting() {
        try (var uploads = Files.list(folder.resolve(".uploads"))) {
            return uploads.count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A file goes away on a thread of its own. */
    private void awaitNoneWaiting() {
        Flux.interval(Duration.ofMillis(5)).takeUntil(tick -> waiting() == 0).blockLast(LONG);
    }

    @Test
    void uploadsThatLeadNowhereAreRefusedBeforeTheyAreSent() throws IOException {
        ServedFiles files = ServedFiles.of(folder, false, 1000);
        assertRefused(files, upload("\"no/a\""), RpcStatus.NOT_FOUND, "path: no/a (expected: one that exists)");
        assertRefused(
                files,
                upload("\"../a\""),
                RpcStatus.PERMISSION_DENIED,
                "path: ../a (expected: one inside of the served folder)");
        assertRefused(files, upload("1"), RpcStatus.INVALID_ARGUMENT, "path: missing (expected: a path)");
        assertRefused(files, upload("\""), RpcStatus.INVALID_ARGUMENT, "headgate-values: no JSON (expected: a path)");
        assertRefused(
                files,
                new Upload("mine", "files/other", Fields.empty()),
                RpcStatus.UNIMPLEMENTED,
                "files/other (expected: files/write)");
        assertThat(files.uploads().offset(upload("\"a\"")).block(LONG)).isZero();
    }

    @Test
    void aServerThatOnlyReadsRefusesUploadsAsSuch() throws IOException {
        ServedFiles files = ServedFiles.of(folder, true, 1000);
        assertRefused(
                files,
                upload("\"a\""),
                RpcStatus.PERMISSION_DENIED,
                "path: a (expected: no write, this server only reads)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void ofAWriteThatFailsOrIsCutNothingIsLeft() throws IOException {
        ServedFiles files = ServedFiles.of(folder, false, 1000);
        Body half = Body.of(
                Flux.concat(Flux.just(Unpooled.copiedBuffer(new byte[10])), Flux.error(new IOException("cut"))));
        assertThatThrownBy(() -> files.write("a", half, RpcContext.EMPTY).block(LONG))
                .hasMessageStartingWith("path: a: IOException");
        assertThat(waiting()).isZero();

        Sinks.Many<ByteBuf> bytes = Sinks.many().unicast().onBackpressureBuffer();
        Disposable call = files.write("a", bytes.asFlux(), RpcContext.EMPTY).subscribe();
        bytes.tryEmitNext(Unpooled.copiedBuffer(new byte[10]));
        Flux.interval(Duration.ofMillis(5)).takeUntil(tick -> waiting() == 1).blockLast(LONG);
        call.dispose();
        bytes.tryEmitError(new IOException("cut, as a connection does"));
        awaitNoneWaiting();
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void whatNobodyGoesOnWithIsSweptAfterAWeek() throws IOException {
        ServedFiles files = ServedFiles.of(folder, false, 1000);
        Path old = Files.createFile(folder.resolve(".uploads").resolve("old.upload"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
        Path young = Files.createFile(folder.resolve(".uploads").resolve("young.upload"));
        Files.setLastModifiedTime(young, FileTime.from(Instant.now().minus(Duration.ofDays(6))));
        Disposable sweeping = files.sweeping();
        Flux.interval(Duration.ofMillis(5)).takeUntil(tick -> waiting() == 1).blockLast(LONG);
        sweeping.dispose();
        assertThat(young).exists();
    }
}
