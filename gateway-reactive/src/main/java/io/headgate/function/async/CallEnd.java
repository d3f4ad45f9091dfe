package io.headgate.function.async;

import io.headgate.function.model.CallStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended that counts.
 *
 * @param status how the call stands after it: {@code QUEUED} to be tried again, or an ended one
 * @param at when it ended
 * @param dueAt when it is tried again; {@code at} when it is not
 * @param error why it failed, or null
 * @param result what the function answered, or null
 * @param log what the function printed, already bounded; kept with the call
 */
public record CallEnd(
        CallStatus status,
        Instant at,
        Instant dueAt,
        @Nullable String error,
        @Nullable CallResult result,
        byte[] log) {}
