package io.headgate.breaker;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/**
 * A circuit breaker is open, or half open with a probe under way: the call was not made, and may be made elsewhere. One instance for
 * all, without a stack trace: refusing is what an open breaker does most.
 */
public final class BreakerOpenException extends GatewayException {

    private static final long serialVersionUID = 1L;

    static final BreakerOpenException INSTANCE = new BreakerOpenException();

    private BreakerOpenException() {
        super(
                503,
                Set.of(Trait.RETRYABLE, Trait.REJECTED, Trait.ELSEWHERE),
                "circuit breaker: open (expected: closed)",
                null,
                false);
    }
}
