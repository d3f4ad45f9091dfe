package io.headgate.function.async;

import io.headgate.http.Fields;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call as it is handed to a store.
 *
 * @param id of the call, sortable by time
 * @param appId the application
 * @param fnId the function
 * @param triggerId the trigger, or null
 * @param priority 0 to 2; of calls that are due the highest goes first, then the oldest
 * @param fields the headers for the function
 * @param payload the input; not to be changed
 * @param createdAt when it was accepted
 * @param dueAt when it may be run
 * @param expiresAt when it is given up, however often it was tried
 */
public record QueuedCall(
        String id,
        String appId,
        String fnId,
        @Nullable String triggerId,
        int priority,
        Fields fields,
        byte[] payload,
        Instant createdAt,
        Instant dueAt,
        Instant expiresAt) {}
