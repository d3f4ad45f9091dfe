package io.headgate.rpc.bridge;

import io.headgate.Service;
import io.headgate.resolve.Endpoint;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** Several connections to one endpoint, in turn; those that take no calls now are passed over. */
final class Spread implements Service<RpcRequest, RpcReply> {

    private final Endpoint endpoint;
    private final List<Service<RpcRequest, RpcReply>> all;
    private final AtomicInteger turn = new AtomicInteger();

    Spread(Endpoint endpoint, List<Service<RpcRequest, RpcReply>> all) {
        this.endpoint = endpoint;
        this.all = all;
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return Mono.defer(() -> pick().call(request));
    }

    private Service<RpcRequest, RpcReply> pick() {
        int first = Math.floorMod(turn.getAndIncrement(), all.size());
        for (int i = 0; i < all.size(); i++) {
            Service<RpcRequest, RpcReply> next = all.get((first + i) % all.size());
            if (next.status() == Status.OPEN) {
                return next;
            }
        }
        return all.get(first); // which says why it takes none
    }

    @Override
    public Status status() {
        Status best = Status.CLOSED;
        for (Service<RpcRequest, RpcReply> one : all) {
            Status status = one.status();
            if (status == Status.OPEN) {
                return status;
            }
            best = status == Status.BUSY ? status : best;
        }
        return best;
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.whenDelayError(
                all.stream().map(one -> one.closeAsync(grace)).toList());
    }

    @Override
    public String toString() {
        return all.size() + " connections to " + endpoint;
    }
}
