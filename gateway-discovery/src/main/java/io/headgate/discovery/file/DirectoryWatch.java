package io.headgate.discovery.file;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** Hears of changes in a directory. Whatever happens there is a hint to look, because links may stand between names and files. */
final class DirectoryWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
    private static final Long HINT = 0L;

    private DirectoryWatch() {}

    /** Changes, on a thread of their own, until the directory goes or cannot be watched: then it completes. */
    static Flux<Long> changes(Path directory) {
        return Flux.create(
                sink -> {
                    Thread thread = new Thread(() -> watch(directory, sink), "headgate-watch-" + directory);
                    thread.setDaemon(true);
                    sink.onDispose(thread::interrupt);
                    thread.start();
                },
                FluxSink.OverflowStrategy.LATEST);
    }

    private static void watch(Path directory, FluxSink<Long> sink) {
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            directory.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            sink.next(HINT); // for what happened before
            WatchKey key;
            do {
                key = watch.take();
                key.pollEvents();
                sink.next(HINT);
            } while (key.reset());
        } catch (IOException | UnsupportedOperationException | ClosedWatchServiceException unreliable) {
            LOG.debug("{}: not watched now, files are looked at from time to time", directory, unreliable);
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
        }
        sink.complete();
    }
}
