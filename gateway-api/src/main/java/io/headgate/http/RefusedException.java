package io.headgate.http;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** A request is refused before any work is done for it: the client is told why, and no upstream hears of it. */
public class RefusedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /**
     * A request is refused.
     *
     * @param status 400 to 599
     * @param message what is wrong and what was expected, for the client
     */
    public RefusedException(int status, String message) {
        super(status, Set.of(Trait.REJECTED, Trait.CLIENT_FAULT), message, null, false);
    }
}
