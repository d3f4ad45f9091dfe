package io.headgate.samples.bench;

import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.local.InProcess;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;

/** Headgate's RPC between two sides of one process, without a wire. */
final class BypassContender implements Contender {

    @Override
    public String name() {
        return "Headgate bypass";
    }

    @Override
    public Set<Link> links() {
        return Set.of(Link.LOCAL);
    }

    @Override
    public Host serve(Link link, SocketAddress where) {
        return new Host() {
            @Override
            public SocketAddress address() {
                return where;
            }

            @Override
            public void close() {
                // each caller brings its own other side
            }
        };
    }

    @Override
    public Caller connect(Link link, SocketAddress where) {
        RpcSpec answering = RpcSpec.DEFAULTS.withHandler(HeadgateContender::answer);
        RpcConnection connection =
                InProcess.connect(RpcSpec.DEFAULTS, answering).initiator();
        return new HeadgateCaller(
                connection, () -> connection.closeAsync(Duration.ZERO).block());
    }
}
