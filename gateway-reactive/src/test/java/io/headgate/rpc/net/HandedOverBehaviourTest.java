package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.RpcBehaviour;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.Steps;
import io.headgate.rpc.wire.HeadgateWire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Through a server and a client in one process, as anybody uses them; {@link LocalBehaviourTest} makes its dialect speak. */
class HandedOverBehaviourTest extends RpcBehaviour {

    private static final String ADDRESS = "local:handed-over";

    private final List<RpcServer> servers = new ArrayList<>();

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        RpcServer open = RpcServer.bind(
                        RpcServerSpec.of(ADDRESS, HeadgateWire.DIALECT).withRpc(server))
                .block(Steps.LONG);
        servers.add(open);
        RpcConnection connection = RpcClient.connect(
                        RpcClientSpec.of(ADDRESS, HeadgateWire.DIALECT).withRpc(client))
                .block(Steps.LONG);
        return new Both(connection, open.connections().get(0), null);
    }

    @AfterEach
    void close() {
        servers.forEach(server -> server.closeAsync(Duration.ZERO).block(Steps.LONG));
    }
}
