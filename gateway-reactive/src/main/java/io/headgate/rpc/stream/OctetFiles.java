package io.headgate.rpc.stream;

import io.headgate.http.Body;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Files as streams of octets and the reverse. Reactor Netty's {@code ByteBufFlux.fromPath} begins at the first byte, and reads on
 * the thread that asks for more, which is an event loop here.
 *
 * <p><b>Threading.</b> Files are opened, read, written, forced and closed on the scheduler only; each stream has one worker at a
 * time. <b>Cancellation</b> closes the file when the access that is under way has ended; nothing is interrupted. Each file that
 * was opened is closed exactly once.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class OctetFiles {

    /** Pooled buffers of 128 KiB, on {@link Schedulers#boundedElastic}. */
    public static final OctetFiles DEFAULTS =
            new OctetFiles(Schedulers.boundedElastic(), PooledByteBufAllocator.DEFAULT, 128 * 1024);

    /** As the end of what is read: that of the file, wherever it is by then. */
    static final long NO_END = Long.MAX_VALUE;

    private static final int LEAST_CHUNK = 512;
    private static final int MOST_CHUNK = 4 << 20;

    private final Scheduler scheduler;
    private final ByteBufAllocator allocator;
    private final int chunk;

    private OctetFiles(Scheduler scheduler, ByteBufAllocator allocator, int chunk) {
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.allocator = Objects.requireNonNull(allocator, "allocator");
        this.chunk = chunk;
        if (chunk < LEAST_CHUNK || chunk > MOST_CHUNK) {
            throw new IllegalArgumentException(
                    "chunk: " + chunk + " (expected: " + LEAST_CHUNK + ".." + MOST_CHUNK + ")");
        }
    }

    /**
     * A copy that works elsewhere.
     *
     * @param changed a scheduler whose threads may block
     * @return the copy
     */
    public OctetFiles withScheduler(Scheduler changed) {
        return new OctetFiles(changed, allocator, chunk);
    }

    /**
     * A copy with other buffers.
     *
     * @param changed makes the buffers that are read into
     * @return the copy
     */
    public OctetFiles withAllocator(ByteBufAllocator changed) {
        return new OctetFiles(scheduler, changed, chunk);
    }

    /**
     * A copy with buffers of another size.
     *
     * @param changed most bytes of a buffer, 512 to 4 MiB
     * @return the copy
     */
    public OctetFiles withChunk(int changed) {
        return new OctetFiles(scheduler, allocator, changed);
    }

    /**
     * Reads a file from a position to its end. One buffer is read per element that is asked for, none ahead.
     *
     * @param path the file
     * @param offset where to begin; at the end or behind it there is nothing
     * @return the bytes, anew for each subscription; passes ownership of its buffers. Fails with the {@link IOException}
     */
    public Flux<ByteBuf> read(Path path, long offset) {
        Objects.requireNonNull(path, "path");
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: zero or more)");
        }
        return new FileFlux(path, offset, NO_END, chunk, allocator, scheduler);
    }

    /**
     * Writes a stream into a file at a position, and forces it to the disk at its end, however it ends. What the file had from
     * there on is overwritten, and cut off when the stream completes.
     *
     * @param path the file; made when it does not exist
     * @param offset where to begin, not behind the end of the file
     * @param bytes what to write; takes ownership of its buffers. Asked for four buffers at a time
     * @return the size of the file then; fails when the stream fails, with what came before it written, or with the
     *     {@link IOException}
     */
    public Mono<Long> write(Path path, long offset, Publisher<? extends ByteBuf> bytes) {
        Objects.requireNonNull(path, "path");
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: zero or more)");
        }
        return new FileMono(Flux.from(bytes), path, offset, scheduler);
    }

    /**
     * A file as a body that can begin anywhere. Its validator is of size, time of change and identity, so that it is another one when the
     * file is replaced or written to.
     *
     * @param path the file
     * @return the body, of the file as it is at the time of subscription and no longer than it was then; fails with NOT_FOUND
     *     when there is no such file
     */
    public Mono<SeekableBody> find(Path path) {
        Objects.requireNonNull(path, "path");
        return Mono.fromCallable(() -> Files.readAttributes(path, BasicFileAttributes.class))
                .onErrorMap(NoSuchFileException.class, OctetFiles::missing)
                .map(file -> {
                    if (!file.isRegularFile()) {
                        throw RpcException.of(
                                RpcStatus.NOT_FOUND, "file: not a regular one (expected: a file with bytes)");
                    }
                    long size = file.size(); // what is added later is another content
                    return SeekableBody.of(
                            validator(file),
                            size,
                            offset -> new FileFlux(path, offset, size, chunk, allocator, scheduler));
                })
                .subscribeOn(scheduler);
    }

    /**
     * The same at once: what {@link #find} finds, when it is wanted.
     *
     * @param path the file
     * @return the body; fails with NOT_FOUND when there is no such file
     */
    public Body body(Path path) {
        return SeekableBody.later(find(path));
    }

    /** The scheduler for what else is to be done with files. */
    Scheduler scheduler() {
        return scheduler;
    }

    private static String validator(BasicFileAttributes file) {
        Object identity = file.fileKey();
        return Long.toHexString(file.size())
                + '-'
                + Long.toHexString(file.lastModifiedTime().to(TimeUnit.NANOSECONDS))
                + '-'
                + Integer.toHexString(identity == null ? 0 : identity.hashCode());
    }

    /** The path stays here: a caller need not know where files are. */
    private static RpcException missing(NoSuchFileException cause) {
        return RpcException.of(RpcStatus.NOT_FOUND, "file: not there (expected: one that exists)", cause);
    }
}
