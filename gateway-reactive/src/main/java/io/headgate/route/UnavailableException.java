package io.headgate.route;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** There are no routes yet, or no more. */
final class UnavailableException extends GatewayException {

    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
        super(503, Set.of(Trait.REJECTED, Trait.RETRYABLE), message, null, false);
    }
}
