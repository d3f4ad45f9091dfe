package io.headgate.rpc.wire;

import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A call that is made once for each subscription. */
final class CallMono extends Mono<RpcReply> {

    private final WireConnection connection;
    private final RpcRequest request;

    CallMono(WireConnection connection, RpcRequest request) {
        this.connection = connection;
        this.request = request;
    }

    @Override
    public void subscribe(CoreSubscriber<? super RpcReply> actual) {
        actual.onSubscribe(new OutgoingCall(connection, request, actual));
    }
}
