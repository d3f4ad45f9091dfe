package io.headgate.function.driver.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one driver, below the base that all drivers share, with a directory for each instance. Its name tells which process
 * owns it, and a lock on a file in it whether that process lives: locks end with their process, whereas numbers of processes come again.
 * Everything here blocks.
 */
final class Workspace {

    /** What the function listens on. */
    static final String LISTENER = "lsnr.sock";

    /** The lock. */
    static final String OWNER = "owner";

    /** 107 is what the kernel takes; the kit for Node.js listens on a name with 4 bytes more. */
    private static final int LONGEST_LISTENER = 100;

    private static final int DIGITS_OF_INSTANCE = 7;

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;
    private final FileChannel owner;
    private final AtomicInteger instances = new AtomicInteger();

    private Workspace(Path directory, FileChannel owner) {
        this.directory = directory;
        this.owner = owner;
    }

    static Workspace open(Path base) throws IOException {
        checkLength(base);
        createPrivate(base);
        Path directory = claim(base);
        try {
            checkOwner(base, directory);
            return new Workspace(directory, lock(directory));
        } catch (IOException e) {
            deleteTree(directory);
            throw e;
        }
    }

    private static void checkLength(Path base) throws IOException {
        Path longest = base.resolve(ownName(Integer.MAX_VALUE))
                .resolve("z".repeat(DIGITS_OF_INSTANCE))
                .resolve(LISTENER);
        int room = LONGEST_LISTENER - longest.toString().getBytes(StandardCharsets.UTF_8).length;
        int length = base.toString().getBytes(StandardCharsets.UTF_8).length;
        if (room < 0) {
            throw new IOException("base: " + base + ", " + length + " bytes (expected: at most " + (length + room)
                    + ", so that the path of a socket below it has at most " + LONGEST_LISTENER + ")");
        }
        if (base.toString().indexOf('\n') >= 0) {
            throw new IOException("base: " + base + " (expected: no line feed)");
        }
    }

    private static void createPrivate(Path base) throws IOException {
        if (base.getParent() != null) {
            Files.createDirectories(base.getParent());
        }
        try {
            Files.createDirectory(base, PRIVATE);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(base)) {
                throw new IOException("base: " + base + " (expected: a directory)", e);
            }
        }
    }

    /** Where everybody may write, somebody else may have been first, and could exchange what is below. */
    private static void checkOwner(Path base, Path ours) throws IOException {
        if (!Files.getOwner(base).equals(Files.getOwner(ours))) {
            throw new IOException(
                    "base: " + base + ", of " + Files.getOwner(base) + " (expected: of " + Files.getOwner(ours) + ")");
        }
    }

    private static Path claim(Path base) throws IOException {
        for (int number = 0; ; number++) {
            try {
                return Files.createDirectory(base.resolve(ownName(number)), PRIVATE);
            } catch (FileAlreadyExistsException e) {
                // of another driver of this process
            }
        }
    }

    private static String ownName(int number) {
        return ownPrefix() + Integer.toString(number, Character.MAX_RADIX);
    }

    /** What the names of all directories of this process begin with. */
    static String ownPrefix() {
        ProcessHandle self = ProcessHandle.current();
        long started = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return self.pid() + "-" + Long.toString(started, Character.MAX_RADIX) + "-";
    }

    /** The file appears under its name when it is locked, so that nobody takes us for dead in between. */
    private static FileChannel lock(Path directory) throws IOException {
        Path unlocked = directory.resolve(OWNER + ".new");
        FileChannel channel = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException("owner: somebody else has locked " + unlocked);
            }
            Files.move(unlocked, directory.resolve(OWNER));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    Path directory() {
        return directory;
    }

    /** A directory for an instance: fresh, for the kits do not start on what another one has left. */
    Path newInstance() throws IOException {
        return Files.createDirectory(
                directory.resolve(Integer.toUnsignedString(instances.getAndIncrement(), Character.MAX_RADIX)), PRIVATE);
    }

    void close() throws IOException {
        deleteTree(directory);
        owner.close();
    }

    /** Removes a directory with all that is in it, and follows no link. */
    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
