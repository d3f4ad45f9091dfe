package io.headgate.route;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** A {@link ServiceCache} is full of services that are in use, and has no room for one more. */
public final class ServicesExhaustedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    ServicesExhaustedException(int capacity) {
        super(
                503,
                Set.of(Trait.REJECTED, Trait.RETRYABLE),
                "services in use: " + capacity + " (expected: fewer, for one more)",
                null,
                false);
    }
}
