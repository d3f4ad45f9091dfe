package io.headgate.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of 127.0.0.1 that the system gives to nobody who asks for any port, until it is closed. It is bound and not listened
 * on, so it refuses connections; a listener that asks for this very port gets it, and after that one the next.
 */
public final class HeldPort implements AutoCloseable {

    private final Socket socket = new Socket();

    public HeldPort() throws IOException {
        socket.setReuseAddress(true);
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
