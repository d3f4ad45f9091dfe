package io.headgate.sync.acceptance;

import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;

/** A client that does what it is told, on a socket of its own. Reads and writes block. For one thread. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE = 20_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final SyncDecoder decoder = SyncDecoder.client(GobLimits.CLIENT);
    private final ByteBuf pending = Unpooled.buffer();
    private final byte[] block = new byte[8192];
    private boolean begun;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    static RawClient connect(int port) throws IOException {
        return connect(port, 0);
    }

    /** With a small receive buffer, so that not to read is soon felt at the other end; 0 leaves it as it is. */
    static RawClient connect(int port, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE);
        return new RawClient(socket);
    }

    static SyncMessage.ClientHello hello() {
        return hello("felix", false, List.of());
    }

    static SyncMessage.ClientHello hello(String type, boolean restarts, List<String> compressions) {
        return new SyncMessage.ClientHello(
                "host", "raw", "1", type, restarts, compressions, true, 1, false, List.of(), 0, 0);
    }

    RawClient say(SyncMessage message) throws IOException {
        SyncEncoder encoder = SyncEncoder.client(Generation.TODAY);
        ByteBuf bytes = Unpooled.buffer();
        if (!begun) {
            bytes.writeBytes(encoder.preamble());
            begun = true;
        }
        encoder.encode(message, bytes);
        return say(ByteBufUtil.getBytes(bytes));
    }

    RawClient say(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** The next message of a plain stream; null when the server has closed the connection. */
    SyncMessage hear() throws IOException {
        for (SyncMessage message = decoder.decode(pending); ; message = decoder.decode(pending)) {
            if (message != null) {
                return message;
            }
            int count = read();
            if (count < 0) {
                return null;
            }
            pending.discardReadBytes().writeBytes(block, 0, count);
        }
    }

    private int read() throws IOException {
        try {
            return in.read(block);
        } catch (SocketException reset) {
            return -1;
        }
    }

    /** Throws away what comes until the server closes the connection, and says how much it was. */
    long drain() throws IOException {
        long bytes = 0;
        for (int count = read(); count >= 0; count = read()) {
            bytes += count;
        }
        return bytes;
    }

    /** The same where it does not matter how it ends. */
    void drainQuietly() {
        try {
            socket.setSoTimeout(0);
            drain();
        } catch (IOException closed) {
            // Closed at this end.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
