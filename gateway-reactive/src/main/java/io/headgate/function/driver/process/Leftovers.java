package io.headgate.function.driver.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Clears up after drivers whose process was killed together with its {@link Keeper}. A directory is surely theirs when it has the name
 * and the lock of a {@link Workspace}, and its owner is surely gone when the lock can be had.
 */
final class Leftovers {

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private static final Pattern NAME = Pattern.compile("[0-9]+-[0-9a-z]+-[0-9a-z]+");

    private Leftovers() {}

    /** Kills the functions that are left, and removes the directories. Whatever cannot be removed is logged. Blocks at subscription. */
    static Mono<Void> sweep(Path base, Keeper keeper) {
        return Flux.defer(() -> Flux.fromIterable(abandoned(base)))
                .concatMap(path -> keeper.hunt(path).then(Mono.<Void>fromRunnable(() -> remove(path))))
                .then()
                .onErrorResume(e -> {
                    LOG.warn("cannot clear up after other drivers in {}", base, e);
                    return Mono.empty();
                });
    }

    private static List<Path> abandoned(Path base) {
        String ours = Workspace.ownPrefix();
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(base)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                // Locks of this process are not to be tried: to close a file gives up all locks that the process has on
                // it.
                if (NAME.matcher(name).matches() && !name.startsWith(ours) && isAbandoned(entry)) {
                    found.add(entry);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot look for what other drivers have left in {}", base, e);
        }
        return found;
    }

    private static boolean isAbandoned(Path directory) {
        Path owner = directory.resolve(Workspace.OWNER);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(owner, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(owner, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (IOException | OverlappingFileLockException e) {
            LOG.debug("cannot tell whether {} is in use", directory, e);
            return false;
        }
    }

    private static void remove(Path directory) {
        try {
            Workspace.deleteTree(directory);
            LOG.info("removed what a killed gateway has left: {}", directory);
        } catch (IOException e) {
            LOG.warn("cannot remove {}", directory, e);
        }
    }
}
