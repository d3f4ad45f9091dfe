package io.headgate.rpc.local;

import io.headgate.Trait;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.internal.ErrorText;

/** A failure as the other side gets to know it. */
final class Told {

    private Told() {}

    static RpcException of(RpcException failure, int maxBytes) {
        String message = failure.getMessage();
        return RpcException.remote(
                failure.rpcStatus(),
                message == null ? "" : ErrorText.cut(message, maxBytes),
                failure.is(Trait.RETRYABLE));
    }
}
