package io.headgate.sync.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/** A server that says to its only client what another one said once, a part of it after each thing that the client says. */
final class Replay implements AutoCloseable {

    private final ServerSocket listener;
    private final List<byte[]> parts;
    private final Thread thread;

    private Replay(ServerSocket listener, List<byte[]> parts) {
        this.listener = listener;
        this.parts = parts;
        thread = new Thread(this::serve, "replay");
        thread.start();
    }

    static Replay of(List<byte[]> parts) throws IOException {
        return new Replay(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()), parts);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void serve() {
        byte[] block = new byte[4096];
        try (Socket client = listener.accept()) {
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            for (byte[] part : parts) {
                if (in.read(block) < 0) {
                    return;
                }
                out.write(part);
            }
            while (in.read(block) >= 0) {
                // Until the client has seen enough.
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        listener.close();
        thread.join();
    }
}
