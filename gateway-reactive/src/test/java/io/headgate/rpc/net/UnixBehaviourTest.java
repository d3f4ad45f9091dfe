package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.RpcBehaviour;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.wire.HeadgateWire;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class UnixBehaviourTest extends RpcBehaviour {

    @TempDir
    private Path folder;

    private SocketPair sockets;

    @BeforeEach
    void prepare() {
        sockets = new SocketPair("unix:" + folder.resolve("rpc.sock"), HeadgateWire.DIALECT, steps.buffers);
    }

    @Override
    protected Both connect(RpcSpec client, RpcSpec server) {
        return sockets.connect(client, server);
    }

    @AfterEach
    void close() {
        sockets.close();
    }
}
