package io.headgate.function.model;

import java.time.Instant;
import java.util.Map;

/**
 * A function.
 *
 * @param id made by the store, sortable by time; empty before
 * @param appId the application that it belongs to; never changes
 * @param name unique in its application, 1 to 255 characters that a URL path needs not escape; never changes
 * @param image what a driver runs
 * @param memoryMb what one instance takes of the budget, 1 to 8192 MB
 * @param timeoutSeconds how long one call may run, 1 to 300 seconds
 * @param idleTimeoutSeconds how long an instance without calls is kept, 1 to 3600 seconds
 * @param config goes into the environment; wins over that of the application
 * @param annotations what tools remember of it; some say how it is run, see {@link FnLimits}
 * @param createdAt set by the store, in milliseconds
 * @param updatedAt set by the store when something has really changed
 */
public record Fn(
        String id,
        String appId,
        String name,
        String image,
        int memoryMb,
        int timeoutSeconds,
        int idleTimeoutSeconds,
        Map<String, String> config,
        Annotations annotations,
        Instant createdAt,
        Instant updatedAt) {

    /** Memory of a function that does not say how much it needs. */
    public static final int DEFAULT_MEMORY_MB = 128;

    /** Time of a call of a function that does not say how long it may take. */
    public static final int DEFAULT_TIMEOUT_SECONDS = 30;

    /** Idle time of an instance of a function that does not say how long it is kept. */
    public static final int DEFAULT_IDLE_TIMEOUT_SECONDS = 30;

    /** Copies the map. */
    public Fn {
        config = Map.copyOf(config);
    }

    /**
     * A function that no store has yet.
     *
     * @param appId the application
     * @param name the name
     * @param image what a driver runs
     * @return the function, with default memory and times
     */
    public static Fn of(String appId, String name, String image) {
        return new Fn(
                "",
                appId,
                name,
                image,
                DEFAULT_MEMORY_MB,
                DEFAULT_TIMEOUT_SECONDS,
                DEFAULT_IDLE_TIMEOUT_SECONDS,
                Map.of(),
                Annotations.NONE,
                Instant.EPOCH,
                Instant.EPOCH);
    }
}
