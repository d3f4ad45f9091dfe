package io.headgate.discovery.file;

import io.headgate.discovery.DocumentException;
import io.headgate.discovery.EndpointDocument;
import io.headgate.discovery.internal.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** A file that is read when it may have changed. */
final class DocumentFile {

    /** What tells one content from another without reading it. */
    private record Stamp(@Nullable Object key, FileTime modified, long size) {

        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        }

        /** Whether a file could be written once more without getting another stamp. */
        boolean isTooFreshAt(long millis) {
            return modified.toMillis() > millis - COARSEST_CLOCK;
        }
    }

    /** File systems keep times in steps of up to two seconds. */
    private static final long COARSEST_CLOCK = 2_000;

    private final Path file;
    private final int maxBytes;
    private Reading last = Reading.NONE;
    private @Nullable Stamp trusted;

    DocumentFile(Path file, int maxBytes) {
        this.file = file;
        this.maxBytes = maxBytes;
    }

    /** Reads the file unless it is as it was. Blocks. */
    Reading read() {
        try {
            Stamp stamp = Stamp.of(file);
            if (!stamp.equals(trusted)) {
                trusted = stamp.isTooFreshAt(System.currentTimeMillis()) ? null : stamp;
                last = Reading.of(EndpointDocument.parse(file.toString(), bytes()));
            }
        } catch (NoSuchFileException missing) {
            trusted = null;
            last = last.missing(missing);
        } catch (DocumentException nonsense) {
            last = last.failed(nonsense);
        } catch (IOException | RuntimeException unreadable) {
            trusted = null;
            last = last.failed(unreadable);
        }
        return last;
    }

    private byte[] bytes() throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            byte[] bytes = content.readNBytes(maxBytes);
            if (content.read() >= 0) {
                throw new DocumentException(file + ": more than " + maxBytes + " bytes (expected: at most that)");
            }
            return bytes;
        }
    }
}
