package io.headgate.metrics;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStats;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A connection that says of itself what it is told to. */
final class FakeRpcConnection implements RpcConnection {

    RpcStats stats;

    FakeRpcConnection(RpcStats stats) {
        this.stats = stats;
    }

    static RpcStats open(int outgoing, int incoming, long held, int millis) {
        Duration time = Duration.ofMillis(millis);
        return new RpcStats(RpcStats.Phase.OPEN, outgoing, incoming, 0, 0, held, time, time, time);
    }

    @Override
    public Mono<Void> opened() {
        return Mono.empty();
    }

    @Override
    public Mono<Ending> closed() {
        return Mono.never();
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return Mono.never();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.empty();
    }

    @Override
    public void abort(String reason) {
        // nothing to cut
    }

    @Override
    public RpcStats stats() {
        return stats;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }
}
