package io.headgate.samples;

import io.headgate.resolve.Endpoint;
import io.headgate.sync.client.SyncDiscovery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A directory that a sync server serves, with a file of endpoints for each name; files are replaced by renaming, so that nobody reads half of one. */
final class FleetDirectory implements AutoCloseable {

    private final Path directory;
    private final Path next;

    FleetDirectory() throws IOException {
        directory = Files.createTempDirectory("headgate-fleet");
        next = Files.createTempFile("headgate-fleet", ".next");
    }

    Path path() {
        return directory;
    }

    /** The file that says what a name resolves to. */
    Path file(String name) {
        return directory.resolve(SyncDiscovery.ENDPOINTS.substring(1) + name);
    }

    void write(String name, Collection<Endpoint> endpoints) {
        String addresses = endpoints.stream()
                .map(endpoint -> "\"127.0.0.1:" + endpoint.address().getPort() + "\"")
                .collect(Collectors.joining(", "));
        try {
            Path file = file(name);
            Files.createDirectories(file.getParent());
            Files.writeString(next, "[" + addresses + "]\n");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(next);
        List<Path> all;
        try (Stream<Path> found = Files.walk(directory)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
