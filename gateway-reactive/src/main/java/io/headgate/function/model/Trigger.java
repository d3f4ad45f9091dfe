package io.headgate.function.model;

import java.time.Instant;

/**
 * A way to call a function from outside: a path below that of its application.
 *
 * @param id made by the store, sortable by time; empty before
 * @param appId the application
 * @param fnId the function, of that application
 * @param name unique in its function, by the rules of {@link App#name}
 * @param type {@link #HTTP}
 * @param source the path, beginning with a slash; unique in its application and type. It may end with {@code /*} and have
 *     parameters, {@code /orders/{id}}
 * @param annotations what tools remember of it
 * @param createdAt set by the store, in milliseconds
 * @param updatedAt set by the store when something has really changed
 */
public record Trigger(
        String id,
        String appId,
        String fnId,
        String name,
        String type,
        String source,
        Annotations annotations,
        Instant createdAt,
        Instant updatedAt) {

    /** The one type there is. */
    public static final String HTTP = "http";

    /**
     * A trigger that no store has yet.
     *
     * @param appId the application
     * @param fnId the function
     * @param name the name
     * @param source the path
     * @return the trigger, of type {@link #HTTP}
     */
    public static Trigger of(String appId, String fnId, String name, String source) {
        return new Trigger("", appId, fnId, name, HTTP, source, Annotations.NONE, Instant.EPOCH, Instant.EPOCH);
    }
}
