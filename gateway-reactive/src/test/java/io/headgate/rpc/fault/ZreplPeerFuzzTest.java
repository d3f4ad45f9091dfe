package io.headgate.rpc.fault;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.zrepl.ZreplWire;

/**
 * A hostile peer on the wire of 2017. The first byte: bit 0, who opened the byte stream. The second: the size of pieces. The
 * third: the manner of the call that is made. The rest are the bytes.
 */
class ZreplPeerFuzzTest {

    @FuzzTest
    void peerSends(byte[] input) {
        if (input.length < 3) {
            return;
        }
        HostilePeer peer = new HostilePeer(ZreplWire.DIALECT, (input[0] & 1) == 0 ? Side.ACCEPTOR : Side.INITIATOR);
        peer.call(input[2]);
        peer.send(input, 3, input[1] == 0 ? Integer.MAX_VALUE : input[1] & 0xff);
        peer.end();
    }
}
