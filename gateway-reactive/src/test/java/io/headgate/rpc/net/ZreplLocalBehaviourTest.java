package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.FaultyBodyBehaviour;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.zrepl.ZreplWire;
import org.junit.jupiter.api.AfterEach;

class ZreplLocalBehaviourTest extends FaultyBodyBehaviour {

    private final SocketPair channels = new SocketPair("local:behaviour-2017", ZreplWire.DIALECT, steps.buffers);

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        return channels.connect(client, server);
    }

    @AfterEach
    void close() {
        channels.close();
    }
}
