package io.headgate.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of 127.0.0.1 that refuses connections. It is bound and not listened on, so that while it is held the system gives it
 * to nobody else; one that was let go may be the next server's.
 */
public final class DeadPort implements AutoCloseable {

    private final Socket socket = new Socket();

    public DeadPort() throws IOException {
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    }

    public int number() {
        return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
