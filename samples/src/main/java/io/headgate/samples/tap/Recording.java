package io.headgate.samples.tap;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Events in a file, one object of JSON on a line. One thread at a time. */
public final class Recording implements Consumer<Seen>, AutoCloseable {

    private final TapJson json = new TapJson();
    private final BufferedWriter file;

    private Recording(BufferedWriter file) {
        this.file = file;
    }

    /**
     * Begins a file, in the place of what has been there.
     *
     * @param path where
     * @return to be closed
     * @throws IOException when that cannot be written
     */
    public static Recording create(Path path) throws IOException {
        return new Recording(Files.newBufferedWriter(path));
    }

    /**
     * Writes an event.
     *
     * @throws UncheckedIOException when that fails
     */
    @Override
    public void accept(Seen seen) {
        try {
            file.write(json.apply(seen));
            file.write('\n');
            file.flush(); // whoever follows the file, or kills this process, has whole lines
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a file from its beginning to its end. A broken last line is that of a recording that was killed, and is left out.
     *
     * @param path where
     * @param consumer is given each event
     * @throws IOException when it cannot be read
     * @throws IllegalArgumentException when a line is no event; the message names it
     */
    public static void replay(Path path, Consumer<Seen> consumer) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            long number = 0;
            String line = lines.readLine();
            while (line != null) {
                String next = lines.readLine();
                number++;
                Seen seen = read(path, number, line, next == null && number > 1);
                if (seen != null) {
                    consumer.accept(seen);
                }
                line = next;
            }
        }
    }

    private static @Nullable Seen read(Path path, long number, String line, boolean mayBeBroken) {
        try {
            return TapJsonReader.read(line);
        } catch (IllegalArgumentException broken) {
            if (mayBeBroken) {
                return null;
            }
            throw new IllegalArgumentException(path + ": line " + number + ": " + broken.getMessage(), broken);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
