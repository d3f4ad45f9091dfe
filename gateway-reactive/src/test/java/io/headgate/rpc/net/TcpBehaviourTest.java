package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.RpcBehaviour;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.wire.HeadgateWire;
import org.junit.jupiter.api.AfterEach;

class TcpBehaviourTest extends RpcBehaviour {

    private final SocketPair sockets = new SocketPair("tcp://127.0.0.1:0", HeadgateWire.DIALECT, steps.buffers);

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        return sockets.connect(client, server);
    }

    @AfterEach
    void close() {
        sockets.close();
    }
}
