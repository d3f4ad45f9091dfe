package io.headgate.discovery.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Replaces files as one should. */
final class Replace {

    private Replace() {}

    static void content(Path file, String content) {
        try {
            Path written = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), content);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
