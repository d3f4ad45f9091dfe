package io.headgate.function.driver.process;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when something is created in a directory. One thread and one watch of the system for all directories of a driver. */
final class DirectoryWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);

    private final WatchService service;
    private final Map<WatchKey, Runnable> watched = new ConcurrentHashMap<>();

    private DirectoryWatch(WatchService service) {
        this.service = service;
    }

    static DirectoryWatch start() throws IOException {
        DirectoryWatch watch = new DirectoryWatch(FileSystems.getDefault().newWatchService());
        Thread thread = new Thread(watch::run, "headgate-fn-watch");
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    /** Watches a directory, into which nothing may have been put yet; {@code created} runs on the thread of the watch. */
    WatchKey add(Path directory, Runnable created) throws IOException {
        WatchKey key = directory.register(service, StandardWatchEventKinds.ENTRY_CREATE);
        watched.put(key, created);
        return key;
    }

    void remove(WatchKey key) {
        watched.remove(key);
        key.cancel();
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = service.take();
                key.pollEvents();
                Runnable created = watched.get(key);
                if (created != null) {
                    tell(created);
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException e) {
            // the driver has been closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tell(Runnable created) {
        try {
            created.run();
        } catch (RuntimeException e) {
            LOG.error("whoever waited for an instance failed", e);
        }
    }

    void close() throws IOException {
        service.close();
    }
}
