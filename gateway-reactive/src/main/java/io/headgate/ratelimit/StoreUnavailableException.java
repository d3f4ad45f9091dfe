package io.headgate.ratelimit;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RateLimitStore} has not decided, and what cannot be counted is {@linkplain StoreFailure#REFUSE refused},
 * with 503.
 */
public final class StoreUnavailableException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /**
     * The store has not decided.
     *
     * @param cause why, for the log, or null when it gave no answer
     */
    public StoreUnavailableException(@Nullable Throwable cause) {
        super(
                503,
                Set.of(Trait.REJECTED, Trait.RETRYABLE),
                "rate: unknown (expected: an answer of the store of limits)",
                cause,
                false);
    }
}
