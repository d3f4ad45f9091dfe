package io.headgate.mux;

import io.headgate.GatewayException;
import java.util.Set;

/**
 * The {@linkplain io.headgate.http.HttpExchange#deadline deadline} of an exchange passed before its reply was whole: answered
 * with 504, or with gRPC status DEADLINE_EXCEEDED. Trying again is of no use, because there is no time left for that either.
 */
public final class DeadlineException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private DeadlineException() {
        super(504, Set.of(), "deadline exceeded after the time that the request allows.", null, false);
    }

    /**
     * The deadline has passed.
     *
     * @return the failure
     */
    public static DeadlineException exceeded() {
        return new DeadlineException();
    }
}
