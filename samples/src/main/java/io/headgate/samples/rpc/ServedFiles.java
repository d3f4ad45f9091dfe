package io.headgate.samples.rpc;

import io.headgate.http.Body;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.RpcContext;
import io.headgate.rpc.stream.FileSpool;
import io.headgate.rpc.stream.OctetFiles;
import io.headgate.rpc.stream.Upload;
import io.headgate.rpc.stream.UploadSink;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A folder as a {@link FileService}. It blocks where it looks at files, so it is called where that is allowed: {@link OffLoop}. */
public final class ServedFiles implements FileService {

    private static final String UPLOADS = ".uploads";
    private static final Duration KEPT = Duration.ofDays(7);
    private static final Duration SWEEP = Duration.ofHours(1);
    private static final long HARDLY_ANY = 1 << 20;

    private final Path root;
    private final boolean readOnly;
    private final FileSpool spool;

    private ServedFiles(Path root, boolean readOnly, FileSpool spool) {
        this.root = root;
        this.readOnly = readOnly;
        this.spool = spool;
    }

    /**
     * Serves a folder. Uploads wait in a folder {@code .uploads} in it until they are whole.
     *
     * @param folder which
     * @param readOnly whether writing is refused
     * @param maxUpload most bytes of a file that is written
     * @return the service
     * @throws IOException when it is no folder that can be read, and written to if need be
     */
    public static ServedFiles of(Path folder, boolean readOnly, long maxUpload) throws IOException {
        Path root = folder.toRealPath();
        Path uploads = root.resolve(UPLOADS);
        if (!readOnly) {
            Files.createDirectories(uploads);
        }
        return new ServedFiles(root, readOnly, FileSpool.of(uploads, maxUpload, OctetFiles.DEFAULTS));
    }

    /**
     * Where uploads wait. One whose file could not be written is refused before it is sent.
     *
     * @return for {@link io.headgate.rpc.stream.Resume#takes}
     */
    public UploadSink uploads() {
        return new WelcomeUploads(spool, this::check, this::failure);
    }

    /**
     * Deletes what nobody has gone on with for a week, now and each hour.
     *
     * @return ends it
     */
    public Disposable sweeping() {
        if (readOnly) {
            return Disposables.disposed();
        }
        return Flux.interval(Duration.ZERO, SWEEP, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .concatMap(tick -> spool.sweep(KEPT).onErrorResume(e -> Mono.empty()), 1)
                .subscribe();
    }

    @Override
    public Mono<List<FileEntry>> list(String path) {
        return looking(path, folder -> {
            try (Stream<Path> children = Files.list(folder)) {
                return children.filter(child -> !child.getFileName().toString().equals(UPLOADS))
                        .sorted()
                        .map(this::entryOrNone)
                        .flatMap(Stream::ofNullable)
                        .toList();
            }
        });
    }

    @Override
    public Mono<FileEntry> stat(String path) {
        return looking(path, this::entry);
    }

    @Override
    public Flux<ByteBuf> read(String path) {
        try {
            return OctetFiles.DEFAULTS.body(existing(path));
        } catch (IOException e) {
            return Flux.error(failure(path, e));
        } catch (RpcException e) {
            return Flux.error(e);
        }
    }

    @Override
    public Mono<FileEntry> write(String path, Flux<ByteBuf> bytes, RpcContext context) {
        Path target;
        try {
            target = check(path);
        } catch (RpcException e) {
            drop(bytes);
            return Mono.error(e);
        }
        Upload upload = context.attributes().get(Upload.KEY);
        if (upload != null) {
            drop(bytes); // they are in the spool, whole and checked
            return Mono.fromCallable(() -> moved(spool.file(upload), target))
                    .onErrorMap(IOException.class, e -> failure(path, e));
        }
        Path waiting = spool.file(new Upload(UUID.randomUUID().toString(), "files/write", context.fields()));
        return OctetFiles.DEFAULTS
                .write(waiting, 0, bytes)
                .map(size -> {
                    try {
                        return moved(waiting, target);
                    } catch (IOException e) {
                        throw failure(path, e);
                    }
                })
                .onErrorMap(IOException.class, e -> failure(path, e))
                .doOnError(e -> waiting.toFile().delete())
                .cache(); // a call that is cut fails its bytes, and only then it is known that no file will be made any
        // more
    }

    /** Where a file would go. */
    private Path check(String path) {
        if (readOnly) {
            throw RpcException.of(
                    RpcStatus.PERMISSION_DENIED, "path: " + path + " (expected: no write, this server only reads)");
        }
        try {
            return creatable(path);
        } catch (IOException e) {
            throw failure(path, e);
        }
    }

    private static void drop(Flux<ByteBuf> bytes) {
        if (bytes instanceof Body body) {
            body.discard();
        }
    }

    /** A second call for the same upload, whose first answer was lost, finds it moved. */
    private FileEntry moved(Path from, Path target) throws IOException {
        if (Files.exists(from) || !Files.exists(target)) {
            Files.move(from, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        return entry(target);
    }

    private <T> Mono<T> looking(String path, Look<T> look) {
        try {
            return Mono.just(look.at(existing(path)));
        } catch (IOException e) {
            return Mono.error(failure(path, e));
        } catch (RpcException e) {
            return Mono.error(e);
        }
    }

    private Path existing(String path) throws IOException {
        return inside(path, named(path).toRealPath());
    }

    private Path creatable(String path) throws IOException {
        Path named = named(path);
        Path parent = named.getParent();
        if (named.equals(root) || parent == null || Files.isDirectory(named, LinkOption.NOFOLLOW_LINKS)) {
            throw RpcException.of(RpcStatus.FAILED_PRECONDITION, "path: " + path + " (expected: a file, not a folder)");
        }
        return inside(path, parent.toRealPath()).resolve(named.getFileName());
    }

    private Path named(@Nullable String path) {
        if (path == null) {
            throw RpcException.of(RpcStatus.INVALID_ARGUMENT, "path: null (expected: a path)");
        }
        try {
            return inside(path, root.resolve(path).normalize());
        } catch (InvalidPathException e) {
            throw RpcException.of(RpcStatus.INVALID_ARGUMENT, "path: " + path + " (expected: a path)", e);
        }
    }

    /** Links may not lead out either, and what waits is nobody's business. */
    private Path inside(String path, Path found) {
        if (!found.startsWith(root) || found.startsWith(root.resolve(UPLOADS))) {
            throw RpcException.of(
                    RpcStatus.PERMISSION_DENIED, "path: " + path + " (expected: one inside of the served folder)");
        }
        return found;
    }

    private @Nullable FileEntry entryOrNone(Path path) {
        try {
            return entry(path);
        } catch (IOException gone) {
            return null;
        }
    }

    private FileEntry entry(Path path) throws IOException {
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        return new FileEntry(
                root.relativize(path).toString().replace('\\', '/'),
                file.isDirectory(),
                file.isDirectory() ? 0 : file.size(),
                file.lastModifiedTime().toString());
    }

    /** What callers may know: not where files are. */
    private RpcException failure(String path, Throwable cause) {
        if (cause instanceof NoSuchFileException) {
            return RpcException.of(RpcStatus.NOT_FOUND, "path: " + path + " (expected: one that exists)", cause);
        }
        if (cause instanceof IOException && root.toFile().getUsableSpace() < HARDLY_ANY) {
            return RpcException.of(
                    RpcStatus.RESOURCE_EXHAUSTED,
                    "path: " + path + ": the disk is full (expected: room for it)",
                    cause);
        }
        return RpcException.of(
                RpcStatus.FAILED_PRECONDITION,
                "path: " + path + ": " + cause.getClass().getSimpleName()
                        + " (expected: a file or folder for which that can be done)",
                cause);
    }

    private interface Look<T> {
        T at(Path path) throws IOException;
    }
}
