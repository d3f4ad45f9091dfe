package io.headgate.discovery.file;

import io.headgate.discovery.DocumentException;
import io.headgate.discovery.EndpointDocument;
import io.headgate.discovery.internal.FileStamp;
import io.headgate.discovery.internal.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that is read when it may have changed. */
final class DocumentFile {

    private final Path file;
    private final int maxBytes;
    private Reading last = Reading.NONE;
    private @Nullable FileStamp trusted;

    DocumentFile(Path file, int maxBytes) {
        this.file = file;
        this.maxBytes = maxBytes;
    }

    /** Reads the file unless it is as it was. Blocks. */
    Reading read() {
        try {
            FileStamp stamp = FileStamp.of(file);
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
