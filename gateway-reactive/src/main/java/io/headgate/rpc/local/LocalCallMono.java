package io.headgate.rpc.local;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A call that is made when it is subscribed. */
final class LocalCallMono extends Mono<RpcReply> {

    private final Lane lane;
    private final RpcRequest request;

    LocalCallMono(Lane lane, RpcRequest request) {
        this.lane = lane;
        this.request = request;
    }

    @Override
    public void subscribe(CoreSubscriber<? super RpcReply> actual) {
        RpcException refusal = lane.admit(request);
        if (refusal == null) {
            new LocalCall(lane, request, actual).start();
        } else {
            request.body().discard();
            Operators.error(actual, refusal);
        }
    }
}
