package io.headgate.mux;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The client went away, reset its stream, or stopped in the middle of its request; its request body fails with this. */
public final class ClientException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private ClientException(int status, Set<Trait> traits, String message, @Nullable Throwable cause) {
        super(status, traits, message, cause, false);
    }

    /**
     * The client is gone: nobody waits for the answer.
     *
     * @param message what happened
     * @param cause for the log, or null
     * @return the failure
     */
    public static ClientException gone(String message, @Nullable Throwable cause) {
        return new ClientException(499, Set.of(Trait.CANCELLED, Trait.CLIENT_FAULT), message, cause);
    }

    /**
     * The client is there but does not send the rest of its request.
     *
     * @return the failure, answered with 408 (RFC 9110 section 15.5.9)
     */
    public static ClientException stalled() {
        return new ClientException(
                408, Set.of(Trait.CLIENT_FAULT), "request body: stalled (expected: more bytes in time)", null);
    }

    /**
     * The rest of the request is malformed.
     *
     * @param message what is wrong
     * @param cause for the log, or null
     * @return the failure, answered with 400
     */
    public static ClientException malformed(String message, @Nullable Throwable cause) {
        return new ClientException(400, Set.of(Trait.CLIENT_FAULT), message, cause);
    }
}
