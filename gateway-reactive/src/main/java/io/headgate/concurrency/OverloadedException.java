package io.headgate.concurrency;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Map;
import java.util.Set;

/**
 * There are too many calls under way for one more: answered with 503, or with gRPC status UNAVAILABLE, before any
 * work. The client is not told how many there may be.
 */
public final class OverloadedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private static final Map<String, String> FIELDS = Map.of("retry-after", "1");

    /** Why a call was refused. */
    public enum Reason {
        /** All permits are taken, and so are all places to wait for one. */
        FULL("concurrency: as many calls as allowed are under way (expected: fewer, try again later)"),
        /** No permit came back in the time that a call may wait. */
        WAITED_TOO_LONG("concurrency: no room in the time to wait for it (expected: fewer calls, try again later)"),
        /** The service behind has become slow, and others matter more. */
        SHED("load: too high for this call (expected: fewer calls, try again later)");

        private final String message;

        Reason(String message) {
            this.message = message;
        }
    }

    private final Reason reason;

    /**
     * A call is refused.
     *
     * @param reason why
     */
    public OverloadedException(Reason reason) {
        super(503, Set.of(Trait.REJECTED, Trait.RETRYABLE), reason.message, null, false);
        this.reason = reason;
    }

    /**
     * Why the call was refused.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    @Override
    public Map<String, String> replyFields() {
        return FIELDS;
    }
}
