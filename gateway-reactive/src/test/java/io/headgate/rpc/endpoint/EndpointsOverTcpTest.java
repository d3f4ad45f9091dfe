package io.headgate.rpc.endpoint;

import static org.awaitility.Awaitility.await;

import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.wire.HeadgateWire;
import java.time.Duration;

class EndpointsOverTcpTest extends EndpointsOverConnections {

    private static final Duration SOON = Duration.ofSeconds(10);

    private RpcServer server;

    @Override
    Connected connect(RpcSpec initiator, RpcSpec acceptor) {
        server = RpcServer.bind(RpcServerSpec.of("tcp://127.0.0.1:0", HeadgateWire.DIALECT)
                        .withRpc(acceptor))
                .block(SOON);
        RpcConnection near = RpcClient.connect(
                        RpcClientSpec.of("tcp://127.0.0.1:" + server.port(), HeadgateWire.DIALECT)
                                .withRpc(initiator))
                .block(SOON);
        await().until(() -> server.connections().size() == 1);
        return new Connected(near, server.connections().get(0));
    }

    @Override
    void closeRest() {
        server.closeAsync(SOON).block(SOON);
    }
}
