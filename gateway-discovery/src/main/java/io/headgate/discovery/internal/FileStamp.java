package io.headgate.discovery.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** What tells one content of a file from another without reading it. */
public record FileStamp(@Nullable Object key, FileTime modified, long size) {

    /** File systems keep times in steps of up to two seconds. */
    private static final long COARSEST_CLOCK = 2_000;

    /** The stamp of a file, or of what a link stands for. */
    public static FileStamp of(Path file) throws IOException {
        return of(Files.readAttributes(file, BasicFileAttributes.class));
    }

    /** The stamp of a file that has been looked at. */
    public static FileStamp of(BasicFileAttributes attributes) {
        return new FileStamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
    }

    /** Whether a file could be written once more without getting another stamp. */
    public boolean isTooFreshAt(long millis) {
        return modified.toMillis() > millis - COARSEST_CLOCK;
    }
}
