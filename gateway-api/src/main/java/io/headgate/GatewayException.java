package io.headgate;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a gateway understands: it suggests a status and carries {@link Trait}s. Its message is meant for the
 * client and reads {@code name: value (expected: ...)}; details that a client must not see belong into the cause, which
 * goes to the log only. A failure of any other type reaches the client as a masked 500 with an id.
 *
 * <p>Refusals on the hot path have no stack trace: it would cost more than the refusal and say nothing.
 */
public abstract class GatewayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final Set<Trait> traits;

    /**
     * For subclasses.
     *
     * @param status the HTTP status to answer with, 400 to 599
     * @param traits what the failure means
     * @param message for the client
     * @param cause for the log, or null
     * @param stackTrace whether to record a stack trace
     */
    protected GatewayException(
            int status, Set<Trait> traits, String message, @Nullable Throwable cause, boolean stackTrace) {
        super(message, cause, stackTrace, stackTrace);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 400..599)");
        }
        this.status = status;
        this.traits = Set.copyOf(traits);
    }

    /**
     * The HTTP status that fits; the gRPC status is derived from it.
     *
     * @return 400 to 599
     */
    public final int status() {
        return status;
    }

    /**
     * What the failure means.
     *
     * @return an immutable set
     */
    public final Set<Trait> traits() {
        return traits;
    }

    /**
     * Tells whether the failure has a trait.
     *
     * @param trait the trait
     * @return true when it has
     */
    public final boolean is(Trait trait) {
        return traits.contains(trait);
    }

    /**
     * Header fields that the reply to this failure carries besides those that every such reply has, for example
     * {@code retry-after}. In a gRPC reply they are metadata.
     *
     * @return names in lower case and values, in the order to send them; empty unless overridden
     */
    public Map<String, String> replyFields() {
        return Map.of();
    }
}
