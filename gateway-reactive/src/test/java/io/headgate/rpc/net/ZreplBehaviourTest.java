package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.FaultyBodyBehaviour;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.zrepl.ZreplWire;
import org.junit.jupiter.api.AfterEach;

class ZreplBehaviourTest extends FaultyBodyBehaviour {

    private final SocketPair sockets = new SocketPair("tcp://127.0.0.1:0", ZreplWire.DIALECT, steps.buffers);

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        return sockets.connect(client, server);
    }

    @AfterEach
    void close() {
        sockets.close();
    }
}
