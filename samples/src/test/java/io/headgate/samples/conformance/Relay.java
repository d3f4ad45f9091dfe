package io.headgate.samples.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line to a port of this machine that can be torn: its connections end with a TCP reset, whatever they carry. */
final class Relay implements AutoCloseable {

    private static final int CHUNK = 64 * 1024;

    private final int target;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket accepting;

    Relay(int target) {
        this.target = target;
        this.accepting = bind(0);
        this.port = accepting.getLocalPort();
        start(accepting);
    }

    int port() {
        return port;
    }

    /** Refuses new connections and resets those that are open. */
    void tear() {
        close(accepting);
        for (Socket socket : sockets) {
            reset(socket);
        }
    }

    /** Takes connections again, on the same port. */
    void mend() {
        accepting = bind(port);
        start(accepting);
    }

    @Override
    public void close() {
        tear();
    }

    private static ServerSocket bind(int port) {
        try {
            ServerSocket bound = new ServerSocket();
            bound.setReuseAddress(true);
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
            return bound;
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port, e);
        }
    }

    private void start(ServerSocket from) {
        daemon("relay " + port, () -> accept(from));
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket near = keep(from.accept());
                Socket far = keep(new Socket(InetAddress.getLoopbackAddress(), target));
                if (from.isClosed()) { // torn in between
                    reset(near);
                    reset(far);
                }
                daemon("relay to " + target, () -> pump(near, far));
                daemon("relay from " + target, () -> pump(far, near));
            } catch (IOException e) {
                close(from); // torn, or nobody there to relay to
            }
        }
    }

    private Socket keep(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
            to.shutdownOutput();
            if (from.isOutputShutdown()) {
                finish(from, to);
            }
        } catch (IOException e) {
            reset(from); // one end is gone: the other learns it the same way
            reset(to);
        }
    }

    private void finish(Socket from, Socket to) throws IOException {
        sockets.remove(from);
        sockets.remove(to);
        from.close();
        to.close();
    }

    private void reset(Socket socket) {
        sockets.remove(socket);
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // SocketException: it has been closed before, which is what is wanted
            assert socket.isClosed();
        }
    }

    private static void close(ServerSocket server) {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
