package io.headgate.samples;

import io.headgate.resolve.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.stream.Collectors;

/** A document of endpoints in a directory of its own, replaced by renaming, so that nobody reads half of it. */
final class EndpointFile implements AutoCloseable {

    private final Path directory;
    private final Path file;
    private final String name;

    EndpointFile(String name) throws IOException {
        this.name = name;
        this.directory = Files.createTempDirectory("headgate-discovery");
        this.file = directory.resolve("endpoints.json");
    }

    Path path() {
        return file;
    }

    void write(Collection<Endpoint> endpoints) {
        String addresses = endpoints.stream()
                .map(endpoint -> "\"127.0.0.1:" + endpoint.address().getPort() + "\"")
                .collect(Collectors.joining(", "));
        writeText("{\"endpoints\": {\"" + name + "\": [" + addresses + "]}}\n");
    }

    void writeText(String text) {
        try {
            Path next = Files.writeString(directory.resolve("endpoints.json.next"), text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(directory.resolve("endpoints.json.next"));
        Files.deleteIfExists(file);
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            return; // of what an editor has left there, its user disposes
        }
    }
}
