package io.headgate.rpc.fault;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.wire.HeadgateWire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A hostile peer on our own wire. The first byte: bit 0, who opened the byte stream; bit 1, the bytes as they are, else the
 * handshake and then frames in short: type, flags, stream, length, payload. The second: the size of pieces. The third: the manner
 * of the call that is made.
 */
class WirePeerFuzzTest {

    @FuzzTest
    void peerSends(byte[] input) {
        if (input.length < 3) {
            return;
        }
        HostilePeer peer = new HostilePeer(HeadgateWire.DIALECT, (input[0] & 1) == 0 ? Side.ACCEPTOR : Side.INITIATOR);
        int piece = input[1] == 0 ? Integer.MAX_VALUE : input[1] & 0xff;
        if ((input[0] & 2) != 0) {
            peer.call(input[2]);
            peer.send(input, 3, piece);
        } else {
            peer.send(greeting(), 0, Integer.MAX_VALUE);
            peer.call(input[2]);
            peer.send(frames(input), 0, piece);
        }
        peer.end();
    }

    private static byte[] greeting() {
        byte[] hello = {
            0, 0, 0, 42, 1, 0, 0, 0, 0, 0, 1, 4, 0, 0, 4, 0, 2, 4, 0, 0, 2, 0, 3, 4, 0, 0, 8, 0, 4, 4, 0, 0, 8, 0, 5, 4,
            0, 0, 16, 0, 6, 4, 0, 0, 0, 8, 7, 4, 0, 0, 0, 2
        };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("headgate-rpc 1-1\n".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(hello);
        return out.toByteArray();
    }

    private static byte[] frames(byte[] input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 3; at + 4 <= input.length; ) {
            int length = (input[at + 3] & 0xff) * ((input[at] & 0x40) == 0 ? 1 : 8); // bit 6 of the type: a long one
            int there = Math.min(length, input.length - at - 4);
            out.writeBytes(new byte[] {
                0,
                0,
                (byte) (length >> 8),
                (byte) length,
                (byte) (input[at] & 0xbf),
                input[at + 1],
                0,
                0,
                0,
                input[at + 2]
            });
            out.write(input, at + 4, there);
            out.writeBytes(new byte[length - there]);
            at += 4 + there;
        }
        return out.toByteArray();
    }
}
