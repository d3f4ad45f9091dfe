package io.headgate.function.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An application: a name under which functions share configuration.
 *
 * @param id made by the store, sortable by time; empty before
 * @param name unique, 1 to 255 letters, digits, {@code _} and {@code -}; never changes
 * @param config goes into the environment of all its functions
 * @param annotations what tools remember of it
 * @param syslogUrl where lines of its functions are shipped to, or null
 * @param createdAt set by the store, in milliseconds
 * @param updatedAt set by the store when something has really changed
 */
public record App(
        String id,
        String name,
        Map<String, String> config,
        Annotations annotations,
        @Nullable String syslogUrl,
        Instant createdAt,
        Instant updatedAt) {

    /** Copies the map. */
    public App {
        config = Map.copyOf(config);
    }

    /**
     * An application that no store has yet.
     *
     * @param name the name
     * @return the application, without configuration
     */
    public static App named(String name) {
        return new App("", name, Map.of(), Annotations.NONE, null, Instant.EPOCH, Instant.EPOCH);
    }
}
