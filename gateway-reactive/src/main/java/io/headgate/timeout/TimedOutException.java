package io.headgate.timeout;

import io.headgate.GatewayException;
import java.time.Duration;
import java.util.Set;

/** A limit in time of this gateway has passed: answered with 504, or with gRPC status DEADLINE_EXCEEDED. */
public final class TimedOutException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private TimedOutException(String message) {
        super(504, Set.of(), message, null, false);
    }

    /**
     * No reply has begun within a limit.
     *
     * @param limit the limit
     * @return the failure
     */
    public static TimedOutException noReply(Duration limit) {
        return new TimedOutException("reply: none within " + limit + " (expected: its head by then)");
    }

    /**
     * The last byte of a reply has not come within a limit.
     *
     * @param limit the limit
     * @return the failure
     */
    public static TimedOutException unfinished(Duration limit) {
        return new TimedOutException("reply: not whole within " + limit + " (expected: its last byte by then)");
    }
}
