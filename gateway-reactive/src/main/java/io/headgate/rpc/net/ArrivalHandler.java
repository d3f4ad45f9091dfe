package io.headgate.rpc.net;

import io.headgate.Service;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A handler that is made when its connection is there: both happen on the event loop, before the first call. */
final class ArrivalHandler implements Service<RpcRequest, RpcReply> {

    private @Nullable Service<RpcRequest, RpcReply> made;

    void answerWith(Service<RpcRequest, RpcReply> handler) {
        made = Objects.requireNonNull(handler, "handler");
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return Objects.requireNonNull(made, "called before its connection was made")
                .call(request);
    }

    @Override
    public String toString() {
        return String.valueOf(made);
    }
}
