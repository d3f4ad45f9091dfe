package io.headgate.classify;

import org.jspecify.annotations.Nullable;

/**
 * What a call came to.
 *
 * @param isSuccess whether the call did what it was made for; a refusal that is the client's own fault is a success of the service
 * @param grpcStatus the gRPC status, or {@link #NO_GRPC_STATUS}
 * @param error why there was no whole reply, as a label of few values, or null; see {@link Classifier#ofFailure}
 */
public record Classification(
        boolean isSuccess, int grpcStatus, @Nullable String error) {

    /** The {@link #grpcStatus} of a call that had none. */
    public static final int NO_GRPC_STATUS = -1;

    /** Success, without a gRPC status. */
    public static final Classification SUCCESS = new Classification(true, NO_GRPC_STATUS, null);

    /** Failure by status, without a gRPC status. */
    public static final Classification FAILURE = new Classification(false, NO_GRPC_STATUS, null);

    /**
     * Success or failure.
     *
     * @param success whether it was a success
     * @return one of the constants
     */
    public static Classification of(boolean success) {
        return success ? SUCCESS : FAILURE;
    }

    /**
     * The opposite of success.
     *
     * @return true for a failure
     */
    public boolean isFailure() {
        return !isSuccess;
    }
}
