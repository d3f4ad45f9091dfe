package io.headgate.classify;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.concurrent.TimeoutException;

/** Labels of failures without a reply: few, so that they can be labels of metrics. */
final class FailureClasses {

    private static final Classification TIMEOUT = failure("timeout");
    private static final Classification CANCELLED = failure("cancelled");
    private static final Classification REJECTED = failure("rejected");
    private static final Classification UNPROCESSED = failure("unprocessed");
    private static final Classification OTHER = failure("unclassified");

    private FailureClasses() {}

    private static Classification failure(String error) {
        return new Classification(false, Classification.NO_GRPC_STATUS, error);
    }

    static Classification of(Throwable cause) {
        if (cause instanceof TimeoutException) {
            return TIMEOUT;
        }
        if (!(cause instanceof GatewayException known)) {
            return OTHER;
        }
        if (known.status() == 504) {
            return TIMEOUT;
        }
        if (known.is(Trait.CANCELLED)) {
            return CANCELLED;
        }
        if (known.is(Trait.REJECTED)) {
            return REJECTED;
        }
        return known.is(Trait.RETRYABLE) ? UNPROCESSED : OTHER;
    }
}
