package io.headgate.function.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

    /**
     * This function as it may be created.
     *
     * @return the same with compacted annotations
     * @throws FunctionException what is wrong with a field, whatever is kept already
     */
    public Fn checked() {
        Validation.noId(id);
        Validation.reference("app_id", appId);
        return valid();
    }

    /**
     * This function as it is kept from now on.
     *
     * @param newId its id
     * @param now the time, cut to milliseconds
     * @return the function
     */
    public Fn created(String newId, Instant now) {
        Instant time = now.truncatedTo(ChronoUnit.MILLIS);
        return new Fn(
                newId,
                appId,
                name,
                image,
                memoryMb,
                timeoutSeconds,
                idleTimeoutSeconds,
                config,
                annotations,
                time,
                time);
    }

    /**
     * This function after a change.
     *
     * @param patch what is to change
     * @param now the time, cut to milliseconds
     * @return the changed function, or this very object when nothing is different
     * @throws FunctionException what is wrong with a field, or what must not change
     */
    public Fn patched(FnPatch patch, Instant now) {
        FnPatch change = patch.checked(id);
        Validation.unchanged("app_id", appId, change.appId());
        Validation.unchanged("name", name, change.name());
        Fn merged = new Fn(
                        id,
                        appId,
                        name,
                        or(change.image(), image),
                        or(change.memoryMb(), memoryMb),
                        or(change.timeoutSeconds(), timeoutSeconds),
                        or(change.idleTimeoutSeconds(), idleTimeoutSeconds),
                        Validation.merged(config, change.config()),
                        annotations.merged(change.annotations()),
                        createdAt,
                        updatedAt)
                .valid();
        return merged.equals(this) ? this : merged.updated(now);
    }

    private static <T> T or(@Nullable T changed, T before) {
        return changed == null ? before : changed;
    }

    private Fn updated(Instant now) {
        return with(config, annotations, now.truncatedTo(ChronoUnit.MILLIS));
    }

    private Fn valid() {
        Validation.pathName(name);
        Validation.image(image);
        Validation.range("memory", memoryMb, 1, Validation.MAX_MEMORY_MB);
        Validation.range("timeout", timeoutSeconds, 1, Validation.MAX_TIMEOUT_SECONDS);
        Validation.range("idle_timeout", idleTimeoutSeconds, 1, Validation.MAX_IDLE_TIMEOUT_SECONDS);
        Validation.config(config);
        Fn valid = with(Validation.merged(Map.of(), config), annotations.checked(), updatedAt);
        FnLimits.of(valid);
        CallAnnotations.check(valid.annotations);
        return valid;
    }

    private Fn with(Map<String, String> newConfig, Annotations newAnnotations, Instant time) {
        return new Fn(
                id,
                appId,
                name,
                image,
                memoryMb,
                timeoutSeconds,
                idleTimeoutSeconds,
                newConfig,
                newAnnotations,
                createdAt,
                time);
    }
}
