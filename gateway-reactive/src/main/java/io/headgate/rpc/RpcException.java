package io.headgate.rpc;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.classify.Classification;
import io.headgate.classify.Classified;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A call failed with a status. A handler throws it to say what its caller may know; a caller gets it for whatever went wrong,
 * here or there. It has no stack trace: it is made per call, and says where it comes from in its message.
 */
public final class RpcException extends GatewayException implements Classified {

    private static final long serialVersionUID = 1L;

    private static final Set<RpcStatus> FAILURES = EnumSet.of(
            RpcStatus.UNKNOWN,
            RpcStatus.DEADLINE_EXCEEDED,
            RpcStatus.INTERNAL,
            RpcStatus.UNAVAILABLE,
            RpcStatus.DATA_LOSS);

    private static final Classification[] CLASSES = Stream.of(RpcStatus.values())
            .map(status -> new Classification(
                    !FAILURES.contains(status),
                    status.number(),
                    status == RpcStatus.CANCELLED ? "cancelled" : "rpc(" + status + ")"))
            .toArray(Classification[]::new);

    private final RpcStatus rpcStatus;
    private final boolean remote;

    private RpcException(
            RpcStatus status, Set<Trait> traits, String message, @Nullable Throwable cause, boolean remote) {
        super(status.httpStatus(), traits, message, cause, false);
        this.rpcStatus = status;
        this.remote = remote;
    }

    /**
     * A failure of this side.
     *
     * @param status not OK
     * @param message for the caller; {@code name: value (expected: ...)}
     * @return the failure
     */
    public static RpcException of(RpcStatus status, String message) {
        return of(status, message, null);
    }

    /**
     * A failure of this side.
     *
     * @param status not OK
     * @param message for the caller
     * @param cause for the log, or null
     * @return the failure
     */
    public static RpcException of(RpcStatus status, String message, @Nullable Throwable cause) {
        return new RpcException(failed(status), traitsOf(status), message, cause, false);
    }

    /**
     * A failure before any work: nothing was processed, so the call may be made again, here or elsewhere.
     *
     * @param status not OK
     * @param message why the call was refused
     * @return the failure, with {@link Trait#RETRYABLE}; one of {@link RpcStatus#RESOURCE_EXHAUSTED} is {@link Trait#REJECTED}, too
     */
    public static RpcException refused(RpcStatus status, String message) {
        return new RpcException(failed(status), unprocessed(status), message, null, false);
    }

    /**
     * A failure that the other side told of.
     *
     * @param status not OK
     * @param message what it said
     * @param unprocessed whether it said that no work was done
     * @return the failure
     */
    public static RpcException remote(RpcStatus status, String message, boolean unprocessed) {
        return new RpcException(
                failed(status), unprocessed ? unprocessed(status) : traitsOf(status), message, null, true);
    }

    /**
     * The same failure in other words.
     *
     * @param message for the caller
     * @return a failure that is told from this one by its message alone
     */
    public RpcException withMessage(String message) {
        return new RpcException(rpcStatus, traits(), message, getCause(), remote);
    }

    /**
     * The status of the call.
     *
     * @return not OK
     */
    public RpcStatus rpcStatus() {
        return rpcStatus;
    }

    /**
     * Whether the other side told of the failure.
     *
     * @return false when this side found it
     */
    public boolean isRemote() {
        return remote;
    }

    /**
     * What the call came to: a failure of the service when its HTTP status would be 5xx, the status as gRPC counts them, and as the error
     * {@code rpc(NOT_FOUND)} and the like.
     *
     * @return one of a constant for each status
     */
    @Override
    public Classification classification() {
        return CLASSES[rpcStatus.ordinal()];
    }

    private static RpcStatus failed(RpcStatus status) {
        if (Objects.requireNonNull(status, "status") == RpcStatus.OK) {
            throw new IllegalArgumentException("status: OK (expected: one of a failure)");
        }
        return status;
    }

    private static Set<Trait> unprocessed(RpcStatus status) {
        Set<Trait> traits = EnumSet.of(Trait.RETRYABLE);
        if (status == RpcStatus.RESOURCE_EXHAUSTED) {
            traits.add(Trait.REJECTED); // load was shed: trying again makes more of it, which is for a policy to allow
        }
        traits.addAll(traitsOf(status));
        return traits;
    }

    private static Set<Trait> traitsOf(RpcStatus status) {
        return switch (status) {
            case CANCELLED -> Set.of(Trait.CANCELLED);
            case INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    UNAUTHENTICATED -> Set.of(Trait.CLIENT_FAULT);
            default -> Set.of();
        };
    }

    @Override
    public String toString() {
        return "RpcException: " + rpcStatus + (remote ? " (remote): " : ": ") + getMessage();
    }
}
