package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.rpc.RpcStatus;
import org.jspecify.annotations.Nullable;

/** Names of the statuses of gRPC. */
final class GrpcStatus {

    private GrpcStatus() {}

    /** The name of the status that a verdict has, or null. */
    static @Nullable String name(Classification verdict) {
        RpcStatus status = RpcStatus.of(verdict.grpcStatus());
        return status == null ? null : status.name();
    }
}
