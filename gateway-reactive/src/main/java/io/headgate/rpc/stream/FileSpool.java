package io.headgate.rpc.stream;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Keeps uploads in a folder, one file each with the suffix {@code .upload}; their size is how far they are, so that even a new
 * process knows. A handler moves the {@link #file} to where it belongs, or reads it and leaves it to {@link #sweep}.
 */
public final class FileSpool implements UploadSink {

    private static final String SUFFIX = ".upload";

    private final Path folder;
    private final long maxBytes;
    private final OctetFiles files;

    private FileSpool(Path folder, long maxBytes, OctetFiles files) {
        this.folder = Objects.requireNonNull(folder, "folder");
        this.maxBytes = maxBytes;
        this.files = Objects.requireNonNull(files, "files");
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: at least 1)");
        }
    }

    /**
     * A spool.
     *
     * @param folder a folder that exists, for nothing else
     * @param maxBytes how long an upload may be; a longer one fails with RESOURCE_EXHAUSTED, and its file is deleted
     * @param files how files are read and written
     * @return the spool
     */
    public static FileSpool of(Path folder, long maxBytes, OctetFiles files) {
        return new FileSpool(folder, maxBytes, files);
    }

    /**
     * Where an upload is.
     *
     * @param upload which
     * @return the file, which may not exist
     */
    public Path file(Upload upload) {
        return folder.resolve(upload.id() + SUFFIX);
    }

    /**
     * Deletes uploads that nothing was added to for a while, whole or not.
     *
     * @param age how long
     * @return how many there were
     */
    public Mono<Integer> sweep(Duration age) {
        return blocking(() -> {
            FileTime limit = FileTime.from(Instant.now().minus(age));
            int deleted = 0;
            try (DirectoryStream<Path> uploads = Files.newDirectoryStream(folder, '*' + SUFFIX)) {
                for (Path upload : uploads) {
                    if (Files.getLastModifiedTime(upload).compareTo(limit) < 0 && Files.deleteIfExists(upload)) {
                        deleted++;
                    }
                }
            }
            return deleted;
        });
    }

    @Override
    public Mono<Long> offset(Upload upload) {
        return blocking(() -> durable(file(upload)));
    }

    @Override
    public Mono<Long> write(Upload upload, long offset, Flux<ByteBuf> bytes) {
        return Mono.defer(() -> {
            AtomicLong left = new AtomicLong(maxBytes - offset); // only a number that can change: one thread at a time
            Path file = file(upload);
            return files.write(file, offset, bounded(upload, left, bytes)).doOnError(error -> {
                if (left.get() < 0) {
                    file.toFile().delete(); // nobody can go on with it
                }
            });
        });
    }

    @Override
    public Flux<ByteBuf> read(Upload upload, long offset) {
        return files.read(file(upload), offset);
    }

    /** What a crash of the process or of the machine would not take away. */
    private static long durable(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
            open.force(true);
            return open.size();
        }
    }

    private Flux<ByteBuf> bounded(Upload upload, AtomicLong left, Flux<ByteBuf> bytes) {
        return bytes.handle((buffer, sink) -> {
            if (left.addAndGet(-buffer.readableBytes()) >= 0) {
                sink.next(buffer);
            } else {
                buffer.release();
                sink.error(tooLong(upload));
            }
        });
    }

    private RpcException tooLong(Upload upload) {
        return RpcException.of(
                RpcStatus.RESOURCE_EXHAUSTED,
                upload.endpoint() + ": too long (expected: at most " + maxBytes + " bytes)");
    }

    private <T> Mono<T> blocking(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(files.scheduler());
    }
}
