package io.headgate.rpc.local;

import io.headgate.rpc.Both;
import io.headgate.rpc.RpcBehaviour;
import io.headgate.rpc.RpcSpec;

class InProcessBehaviourTest extends RpcBehaviour {

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        InProcess pair = InProcess.connect(client, server);
        return new Both(pair.initiator(), pair.acceptor(), null);
    }
}
