package io.headgate.mux;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** A request that breaks the protocol or a limit; refused before any service saw it. */
public final class RequestException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /**
     * A request is refused.
     *
     * @param status 400 to 599
     * @param message what is wrong and what was expected
     */
    public RequestException(int status, String message) {
        super(status, Set.of(Trait.REJECTED, Trait.CLIENT_FAULT), message, null, false);
    }
}
