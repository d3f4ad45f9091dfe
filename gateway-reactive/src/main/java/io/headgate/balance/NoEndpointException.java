package io.headgate.balance;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * No endpoint took the call: nothing was processed, and the same call may be made again. Answered with 503, gRPC UNAVAILABLE;
 * with 504, gRPC DEADLINE_EXCEEDED, when the call has waited.
 */
public final class NoEndpointException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /** Why there is none. */
    public enum Reason {
        /** The call has waited, and nobody became ready in time. */
        WAITED_IN_VAIN,
        /** Nobody has been ready for so long that calls do not wait any more. */
        GATE_SHUT,
        /** Too many calls wait already. */
        QUEUE_FULL,
        /** The name could not be resolved; the cause says why. */
        UNRESOLVED,
        /** The balancer is closed. */
        CLOSED
    }

    private final Reason reason;

    private NoEndpointException(int status, Reason reason, String message, @Nullable Throwable cause) {
        super(status, Set.of(Trait.RETRYABLE, Trait.REJECTED), message, cause, false);
        this.reason = reason;
    }

    static NoEndpointException waitedInVain(Duration failfast) {
        return new NoEndpointException(
                504, Reason.WAITED_IN_VAIN, "endpoints: none ready for " + failfast + " (expected: one)", null);
    }

    static NoEndpointException gateShut() {
        return new NoEndpointException(503, Reason.GATE_SHUT, "endpoints: none ready (expected: one)", null);
    }

    static NoEndpointException queueFull(int queue) {
        return new NoEndpointException(
                503,
                Reason.QUEUE_FULL,
                "endpoints: none ready, more than " + queue + " calls wait (expected: one)",
                null);
    }

    static NoEndpointException unresolved(Throwable cause) {
        return new NoEndpointException(503, Reason.UNRESOLVED, "endpoints: none found (expected: one)", cause);
    }

    static NoEndpointException closed() {
        return new NoEndpointException(503, Reason.CLOSED, "balancer: closed (expected: open)", null);
    }

    /**
     * Why there is none.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
