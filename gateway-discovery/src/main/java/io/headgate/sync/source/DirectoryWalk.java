package io.headgate.sync.source;

import io.headgate.discovery.internal.FileStamp;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is in a directory, as found by walking through it once. */
final class DirectoryWalk {

    private static final int REVISION_BYTES = 8;

    private final Path directory;
    private final @Nullable Object identity;
    private final Map<Path, FileStamp> files = new LinkedHashMap<>();
    private final Map<Path, String> unreadable = new LinkedHashMap<>();

    private DirectoryWalk(Path directory) throws IOException {
        this.directory = directory;
        this.identity = identity();
    }

    /** Walks through a directory. Fails when it is not there or cannot be listed. */
    static DirectoryWalk of(Path directory) throws IOException {
        DirectoryWalk walk = new DirectoryWalk(directory);
        Files.walkFileTree(directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk.new Visitor());
        walk.confirm();
        return walk;
    }

    /** Fails when the directory is not there any more, or another one is: then what is missing is not deleted. */
    void confirm() throws IOException {
        if (!Objects.equals(identity, identity())) {
            throw new NoSuchFileException(directory.toString(), null, "another directory has taken its place");
        }
    }

    private @Nullable Object identity() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(directory, BasicFileAttributes.class);
        if (!attributes.isDirectory()) {
            throw new NotDirectoryException(directory.toString());
        }
        return attributes.fileKey();
    }

    Map<Path, FileStamp> files() {
        return files;
    }

    /** Files and directories that could not be looked at, and why. */
    Map<Path, String> unreadable() {
        return unreadable;
    }

    /** The key of a file. */
    static String key(Path directory, Path file) {
        StringBuilder key = new StringBuilder();
        for (Path part : directory.relativize(file)) {
            key.append('/').append(part.toString().replace("%", "%25").replace("/", "%2f"));
        }
        return key.toString();
    }

    /** A revision that is the same wherever the content is. */
    static String revision(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, REVISION_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every runtime has to have it
        }
    }

    private final class Visitor extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return path.equals(directory) || isMeant(path) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            if (isMeant(path)) {
                if (attributes.isRegularFile()) {
                    files.put(path, FileStamp.of(attributes));
                } else if (attributes.isOther()) {
                    unreadable.put(path, "neither a file nor a directory (expected: one of them)");
                }
            }
            return FileVisitResult.CONTINUE;
        }

        private boolean isMeant(Path path) {
            String name = path.getFileName().toString();
            return !name.startsWith(".") && !name.endsWith("~");
        }

        @Override
        public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
            if (path.equals(directory)) {
                throw failure;
            } else if (isMeant(path) && !(failure instanceof NoSuchFileException)) {
                unreadable.put(
                        path, failure instanceof FileSystemLoopException ? "a link to itself" : failure.toString());
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                visitFileFailed(path, failure);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
