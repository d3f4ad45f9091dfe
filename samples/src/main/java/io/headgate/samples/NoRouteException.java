package io.headgate.samples;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** No upstream serves the path. */
final class NoRouteException extends GatewayException {

    private static final long serialVersionUID = 1L;

    NoRouteException(String path) {
        super(
                404,
                Set.of(Trait.CLIENT_FAULT, Trait.REJECTED),
                "path: " + path + " (expected: /orders... or /users...)",
                null,
                false);
    }
}
