package io.headgate.function.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an asynchronous call.
 *
 * @param id of the call, sortable by time
 * @param appId the application
 * @param fnId the function
 * @param triggerId the trigger, or null when it was called directly
 * @param status how far it is
 * @param attempts how often it was started
 * @param createdAt when it was accepted
 * @param dueAt when it may be run, for the first time or again
 * @param startedAt when the last attempt started, or null
 * @param completedAt when it ended, or null
 * @param error why the last attempt failed, or null
 */
public record CallRecord(
        String id,
        String appId,
        String fnId,
        @Nullable String triggerId,
        CallStatus status,
        int attempts,
        Instant createdAt,
        Instant dueAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt,
        @Nullable String error) {}
