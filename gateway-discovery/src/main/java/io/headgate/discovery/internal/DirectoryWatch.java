package io.headgate.discovery.internal;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Hears of changes in a directory. Whatever happens there is a hint to look, because links may stand between names and files. */
public final class DirectoryWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
    private static final Long HINT = 0L;

    /** Who replaces a file does so in several steps. */
    private static final Duration QUIET = Duration.ofMillis(50);

    /** A directory that is moved away is still watched; after this long in silence it is asked for. */
    private static final Duration DOUBT = Duration.ofSeconds(5);

    private final Path directory;
    private final int depth;

    private DirectoryWatch(Path directory, int depth) {
        this.directory = directory;
        this.depth = depth;
    }

    /** Watches what is directly in a directory. */
    public static DirectoryWatch of(Path directory) {
        return new DirectoryWatch(directory, 0);
    }

    /** Watches a directory and all that are below it, by links as well. */
    public static DirectoryWatch deep(Path directory) {
        return new DirectoryWatch(directory, Integer.MAX_VALUE);
    }

    /**
     * Hints without end, each after a moment in which nothing happened.
     *
     * @param again after how long a directory that cannot be watched is tried again
     */
    public Flux<Long> hints(Duration again, Scheduler scheduler) {
        return changes()
                .repeatWhen(lost -> lost.concatMap(once -> Mono.delay(again, scheduler)))
                .sampleTimeout(change -> Mono.delay(QUIET, scheduler));
    }

    /** Changes, on a thread of their own, until the directory goes or cannot be watched: then it completes. */
    private Flux<Long> changes() {
        return Flux.create(
                sink -> {
                    Thread thread = new Thread(() -> watch(sink), "headgate-watch-" + directory);
                    thread.setDaemon(true);
                    sink.onDispose(thread::interrupt);
                    thread.start();
                },
                FluxSink.OverflowStrategy.LATEST);
    }

    private void watch(FluxSink<Long> sink) {
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            WatchKey top = register(watch, directory);
            Object identity = identity();
            below(watch);
            sink.next(HINT); // for what happened before
            while (top.isValid() && Objects.equals(identity, identity())) {
                WatchKey key = watch.poll(DOUBT.toMillis(), TimeUnit.MILLISECONDS);
                if (key != null) {
                    boolean grows = key.pollEvents().stream().anyMatch(DirectoryWatch::mayBringDirectories);
                    key.reset();
                    if (grows) {
                        below(watch);
                    }
                    sink.next(HINT);
                }
            }
        } catch (IOException | UnsupportedOperationException | ClosedWatchServiceException unreliable) {
            LOG.debug("{}: not watched now, files are looked at from time to time", directory, unreliable);
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
        }
        sink.complete();
    }

    /** Tells a directory from another one that has taken its place. */
    private @Nullable Object identity() throws IOException {
        return Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    }

    private static boolean mayBringDirectories(WatchEvent<?> event) {
        return event.kind() == StandardWatchEventKinds.ENTRY_CREATE || event.kind() == StandardWatchEventKinds.OVERFLOW;
    }

    /** Watches what is below as well. A directory that is watched already stays as it is; one that cannot be is left to be looked at. */
    private void below(WatchService watch) throws IOException {
        if (depth == 0) {
            return;
        }
        Files.walkFileTree(directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult preVisitDirectory(Path found, BasicFileAttributes attributes) {
                try {
                    register(watch, found);
                } catch (IOException unreliable) {
                    LOG.debug("{}: not watched, files are looked at from time to time", found, unreliable);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, @Nullable IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static WatchKey register(WatchService watch, Path directory) throws IOException {
        return directory.register(
                watch,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
    }
}
