package io.headgate.rpc.endpoint;

import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.local.InProcess;

class EndpointsInProcessTest extends EndpointsOverConnections {

    @Override
    Connected connect(RpcSpec initiator, RpcSpec acceptor) {
        InProcess pair = InProcess.connect(initiator, acceptor);
        return new Connected(pair.initiator(), pair.acceptor());
    }
}
