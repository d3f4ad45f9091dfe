package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.RpcBehaviour;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.wire.HeadgateWire;
import org.junit.jupiter.api.AfterEach;

class LocalBehaviourTest extends RpcBehaviour {

    private final SocketPair sockets = new SocketPair("local:behaviour", HeadgateWire.DIALECT, steps.buffers);

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        return sockets.connect(client, server);
    }

    @AfterEach
    void close() {
        sockets.close();
    }
}
