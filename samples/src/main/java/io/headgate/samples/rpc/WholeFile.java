package io.headgate.samples.rpc;

import io.headgate.rpc.stream.OctetFiles;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** A file that appears when all of it is there. What comes before that is in a file beside it, which nobody else writes. */
final class WholeFile {

    private static final String SUFFIX = ".part";

    private WholeFile() {}

    /**
     * Fails when that is no place for a file: a device, say, would be replaced by one.
     *
     * @param name what the place is called in the message
     */
    static void check(String name, Path target) {
        if (target.getFileName() == null || Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IllegalArgumentException(
                    name + ": " + target + " (expected: a file, and neither a folder nor a device)");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(name + ": " + target + " (expected: a file in a folder that exists)");
        }
    }

    /** Writes it, or leaves everything as it was, even when the process is told to end. */
    static Mono<Long> write(Path target, Publisher<? extends ByteBuf> bytes) {
        return Mono.defer(() -> {
            Path part = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + SUFFIX);
            part.toFile().deleteOnExit();
            return OctetFiles.DEFAULTS
                    .write(part, 0, bytes)
                    .<Long>handle((size, sink) -> {
                        try {
                            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
                            sink.next(size);
                        } catch (IOException e) {
                            sink.error(e);
                        }
                    })
                    .doOnError(failed -> part.toFile().delete());
        });
    }
}
