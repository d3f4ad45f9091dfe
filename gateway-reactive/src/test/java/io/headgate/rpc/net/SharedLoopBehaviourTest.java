package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.RpcBehaviour;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.wire.HeadgateWire;
import org.junit.jupiter.api.AfterEach;

/** Netty's local channels with both ends on one event loop: one has read what the other writes before the write returns. */
class SharedLoopBehaviourTest extends RpcBehaviour {

    private final SharedLoop loop = new SharedLoop(HeadgateWire.DIALECT, steps.buffers);

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        return loop.connect(client, server);
    }

    @AfterEach
    void close() {
        loop.close();
    }
}
