package io.headgate.function.model;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A failure that users may see: its kind decides the status, its message goes to the client, its cause to the log only. All other
 * failures reach users as a masked 500 with an id. It has no stack trace.
 */
public final class FunctionException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;
    private final @Nullable Duration retryAfter;

    /**
     * A failure.
     *
     * @param kind what went wrong
     * @param message for the client
     */
    public FunctionException(ErrorKind kind, String message) {
        this(kind, message, null, null);
    }

    /**
     * A failure with what caused it.
     *
     * @param kind what went wrong
     * @param message for the client
     * @param cause for the log, or null
     */
    public FunctionException(ErrorKind kind, String message, @Nullable Throwable cause) {
        this(kind, message, cause, null);
    }

    /**
     * A failure that passes.
     *
     * @param kind what went wrong
     * @param message for the client
     * @param cause for the log, or null
     * @param retryAfter when it may be tried again, or null; rounded up to seconds
     */
    public FunctionException(ErrorKind kind, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(kind.status(), traits(kind), message, cause, false);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    private static Set<Trait> traits(ErrorKind kind) {
        return switch (kind) {
            case INVALID, IMPOSSIBLE, NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, CONFLICT, TOO_LARGE ->
                Set.of(Trait.CLIENT_FAULT);
            case CALLER_LEFT -> Set.of(Trait.CANCELLED);
            case BUSY, TOO_MANY_CALLS -> Set.of(Trait.REJECTED, Trait.RETRYABLE);
            default -> Set.of();
        };
    }

    /**
     * What went wrong.
     *
     * @return the kind
     */
    public ErrorKind kind() {
        return kind;
    }

    @Override
    public Map<String, String> replyFields() {
        if (retryAfter == null) {
            return Map.of();
        }
        return Map.of(
                "retry-after", Long.toString(retryAfter.plusNanos(999_999_999).toSeconds()));
    }
}
