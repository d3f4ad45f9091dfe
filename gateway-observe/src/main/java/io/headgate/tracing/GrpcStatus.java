package io.headgate.tracing;

import io.headgate.classify.Classification;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names of the statuses of gRPC. */
final class GrpcStatus {

    private static final List<String> NAMES = List.of(
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED");

    private GrpcStatus() {}

    /** The name of the status that a verdict has, or null. */
    static @Nullable String name(Classification verdict) {
        int status = verdict.grpcStatus();
        return status >= 0 && status < NAMES.size() ? NAMES.get(status) : null;
    }
}
