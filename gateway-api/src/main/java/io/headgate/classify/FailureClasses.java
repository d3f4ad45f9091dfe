package io.headgate.classify;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.concurrent.TimeoutException;

/**
 * What failures without a reply are: few labels, so that they can be labels of metrics. Those that are answered with 4xx are no
 * failures of the service, as replies of 4xx are none.
 */
final class FailureClasses {

    /** The client left before anybody could say what the call would have come to. */
    static final Classification CANCELLED = success("cancelled");

    private static final Classification TIMEOUT = failure("timeout");
    private static final Classification REJECTED = failure("rejected");
    private static final Classification REJECTED_CLIENT = success("rejected");
    private static final Classification UNPROCESSED = failure("unprocessed");
    private static final Classification CLIENT = success("client");
    private static final Classification OTHER = failure("unclassified");

    private FailureClasses() {}

    private static Classification failure(String error) {
        return new Classification(false, Classification.NO_GRPC_STATUS, error);
    }

    private static Classification success(String error) {
        return new Classification(true, Classification.NO_GRPC_STATUS, error);
    }

    static Classification of(Throwable cause) {
        Classification own = cause instanceof Classified classified ? classified.classification() : null;
        if (own != null) {
            return own;
        }
        if (cause instanceof TimeoutException) {
            return TIMEOUT;
        }
        return cause instanceof GatewayException known ? of(known) : OTHER;
    }

    private static Classification of(GatewayException known) {
        if (known.is(Trait.CANCELLED)) {
            return CANCELLED;
        }
        boolean ofClient = known.status() < 500;
        if (known.is(Trait.REJECTED)) {
            return ofClient ? REJECTED_CLIENT : REJECTED;
        }
        if (ofClient) {
            return CLIENT;
        }
        if (known.status() == 504) {
            return TIMEOUT;
        }
        return known.is(Trait.RETRYABLE) ? UNPROCESSED : OTHER;
    }
}
