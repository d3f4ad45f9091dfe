package io.headgate.rpc.zrepl;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;

/** Failures that are the peer's fault. */
final class Violation {

    private Violation() {}

    /** The peer broke the protocol or a limit of it. */
    static RpcException of(String message) {
        return RpcException.of(RpcStatus.INTERNAL, message);
    }

    /** The bytes ended too early. */
    static RpcException cut(String what) {
        return RpcException.of(RpcStatus.DATA_LOSS, "end amid a " + what);
    }
}
