package io.headgate.mux;

import io.headgate.GatewayException;
import java.util.Set;

/** An exchange did not end within the grace of a gateway that closes; answered with 503 when nothing was answered before. */
public final class ClosedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /** For the exchanges that are left. */
    public ClosedException() {
        super(503, Set.of(), "gateway: closed before the end of the exchange", null, false);
    }
}
