package io.headgate.function.async;

import io.headgate.function.model.CallAnnotations;
import io.headgate.http.Fields;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call as it is handed to a store.
 *
 * @param id of the call, sortable by time
 * @param appId the application
 * @param fnId the function
 * @param triggerId the trigger, or null
 * @param priority 0 to 2; see {@link #rank}
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
        Instant expiresAt) {

    /** The highest priority. */
    public static final int MAX_PRIORITY = CallAnnotations.MAX_ASYNC_PRIORITY;

    /**
     * By how much one step of priority makes a call older than it is. Long enough that a higher priority goes first on an ordinary
     * day, and an end to the wait of a lower one on all others.
     */
    public static final Duration HEAD_START = Duration.ofMinutes(5);

    /** Checks the priority. */
    public QueuedCall {
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority: " + priority + " (expected: 0.." + MAX_PRIORITY + ")");
        }
    }

    /**
     * Where the call stands among those that are due: the earliest rank goes first, then the lowest id. A higher priority goes first,
     * but not for ever: a call overtakes all that are accepted two {@linkplain #HEAD_START head starts} after it. A rank does not
     * change with time, so that a database can have an index on it.
     *
     * @return when it would have been created to stand there with priority 0
     */
    public Instant rank() {
        return createdAt.minus(HEAD_START.multipliedBy(priority));
    }
}
