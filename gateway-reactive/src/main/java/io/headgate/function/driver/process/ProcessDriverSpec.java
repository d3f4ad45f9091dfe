package io.headgate.function.driver.process;

import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What a {@link ProcessDriver} runs and within which bounds. Immutable; each {@code with} method returns a copy.
 *
 * @param images what to start, by the name of the image
 * @param nodeRoot below it {@code node:NAME} is {@code node func.js} in the directory {@code NAME}; null for no such images
 * @param base the directory below which drivers put their sockets; made when it is missing, for this user alone. Its path must be
 *     short: a socket's has at most 107 bytes
 * @param maxRequestHead bytes of the headers of a request, as they are sent; more are refused with 413 before anything is sent
 * @param maxReplyHead bytes of the headers of a reply
 * @param maxReplyBody bytes of the body of a reply
 * @param loops event loops for calls that do not come from one, which stay the caller's; null for one of the driver's own
 * @param timers measures the time that a start and a polite end may take
 */
public record ProcessDriverSpec(
        Map<String, ProcessImage> images,
        @Nullable Path nodeRoot,
        Path base,
        int maxRequestHead,
        int maxReplyHead,
        long maxReplyBody,
        @Nullable EventLoopGroup loops,
        Scheduler timers) {

    /** 16 KiB: beyond it Node.js answers 431 and closes the connection, unless it was told otherwise when it was started. */
    public static final int DEFAULT_MAX_REQUEST_HEAD = 16 * 1024;

    /** 64 KiB: many times what functions send. */
    public static final int DEFAULT_MAX_REPLY_HEAD = 64 * 1024;

    /** 64 MiB, because whole replies are held in memory where a late failure may still change the status. */
    public static final long DEFAULT_MAX_REPLY_BODY = 64L * 1024 * 1024;

    /** No image, and directories below the one for temporary files. */
    public static final ProcessDriverSpec DEFAULTS = new ProcessDriverSpec(
            Map.of(),
            null,
            Path.of(System.getProperty("java.io.tmpdir"), "headgate-fn"),
            DEFAULT_MAX_REQUEST_HEAD,
            DEFAULT_MAX_REPLY_HEAD,
            DEFAULT_MAX_REPLY_BODY,
            null,
            Schedulers.parallel());

    /** Checks the values. */
    public ProcessDriverSpec {
        images = Map.copyOf(images);
        nodeRoot = nodeRoot == null ? null : nodeRoot.toAbsolutePath();
        base = Objects.requireNonNull(base, "base").toAbsolutePath();
        Objects.requireNonNull(timers, "timers");
        positive("maxRequestHead", maxRequestHead);
        positive("maxReplyHead", maxReplyHead);
        positive("maxReplyBody", maxReplyBody);
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " bytes (expected: at least 1)");
        }
    }

    /**
     * A copy that runs one image more.
     *
     * @param name the name of the image; replaces what it stood for
     * @param image what to start
     * @return the copy
     */
    public ProcessDriverSpec withImage(String name, ProcessImage image) {
        Map<String, ProcessImage> more = new HashMap<>(images);
        more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(image, "image"));
        return new ProcessDriverSpec(more, nodeRoot, base, maxRequestHead, maxReplyHead, maxReplyBody, loops, timers);
    }

    /**
     * A copy that runs images {@code node:NAME}.
     *
     * @param root the directory of their directories; nothing outside of it is run, not by links either
     * @return the copy
     */
    public ProcessDriverSpec withNodeRoot(Path root) {
        Objects.requireNonNull(root, "root");
        return new ProcessDriverSpec(images, root, base, maxRequestHead, maxReplyHead, maxReplyBody, loops, timers);
    }

    /**
     * A copy with another place for sockets; {@code headgate-fn} below the directory for temporary files without.
     *
     * @param directory with a short path
     * @return the copy
     */
    public ProcessDriverSpec withBase(Path directory) {
        return new ProcessDriverSpec(
                images, nodeRoot, directory, maxRequestHead, maxReplyHead, maxReplyBody, loops, timers);
    }

    /**
     * A copy with another limit for headers of requests; {@link #DEFAULT_MAX_REQUEST_HEAD} without.
     *
     * @param bytes for functions that read more, as after {@code node --max-http-header-size}
     * @return the copy
     */
    public ProcessDriverSpec withMaxRequestHead(int bytes) {
        return new ProcessDriverSpec(images, nodeRoot, base, bytes, maxReplyHead, maxReplyBody, loops, timers);
    }

    /**
     * A copy with other limits for replies; {@link #DEFAULT_MAX_REPLY_HEAD} and {@link #DEFAULT_MAX_REPLY_BODY} without.
     *
     * @param headBytes of the headers
     * @param bodyBytes of the body; {@link Long#MAX_VALUE} for any
     * @return the copy
     */
    public ProcessDriverSpec withMaxReply(int headBytes, long bodyBytes) {
        return new ProcessDriverSpec(images, nodeRoot, base, maxRequestHead, headBytes, bodyBytes, loops, timers);
    }

    /**
     * A copy on event loops of the caller's, for calls that do not come from an event loop.
     *
     * @param changed the event loops: of epoll, NIO or io_uring; whoever made them ends them, after the driver
     * @return the copy
     */
    public ProcessDriverSpec withLoops(EventLoopGroup changed) {
        Objects.requireNonNull(changed, "loops");
        return new ProcessDriverSpec(
                images, nodeRoot, base, maxRequestHead, maxReplyHead, maxReplyBody, changed, timers);
    }

    /**
     * A copy with another source of time; Reactor's parallel scheduler without.
     *
     * @param changed for tests
     * @return the copy
     */
    public ProcessDriverSpec withTimers(Scheduler changed) {
        return new ProcessDriverSpec(
                images, nodeRoot, base, maxRequestHead, maxReplyHead, maxReplyBody, loops, changed);
    }
}
