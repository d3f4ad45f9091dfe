package io.headgate.rpc.stream;

import io.headgate.GatewayException;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;

/** How calls of one upload that are in each other's way fail. Only who certainly listens no more is told to try again. */
final class UploadFaults {

    private UploadFaults() {}

    /** For good: a caller that hears it has a connection, so this was no ghost, and trying again would cut the other one. */
    static RpcException takenOver(Upload upload) {
        return RpcException.of(
                RpcStatus.ABORTED, name(upload) + ": taken over by a later call (expected: one caller at a time)");
    }

    /** For good, too. */
    static RpcException carriedOut(Upload upload) {
        return RpcException.of(
                RpcStatus.ABORTED,
                name(upload) + ": another call has sent all of it and is carried out (expected: none until its end)");
    }

    /** By a later attempt of the same caller, which has given this one up. */
    static RpcException cut(Upload upload) {
        return RpcException.refused(
                RpcStatus.ABORTED, name(upload) + ": cut (expected: the latest attempt of its caller)");
    }

    /** Unprocessed, so that the caller asks anew. */
    static RpcException movedOn(Upload upload, long offset, long taken) {
        return RpcException.refused(
                RpcStatus.ABORTED,
                name(upload) + ": " + ResumeFields.OFFSET + ": " + offset + " (expected: " + taken
                        + ", as many bytes are here)");
    }

    /** Masked before a connection does it, which knows the endpoint of the step only. */
    static Throwable known(String endpoint, Throwable error) {
        return error instanceof GatewayException ? error : Faults.toSend(endpoint, error);
    }

    private static String name(Upload upload) {
        return upload.endpoint() + ": upload " + upload.id();
    }
}
