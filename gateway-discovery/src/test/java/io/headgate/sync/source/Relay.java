package io.headgate.sync.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a client and a server on loopback, and can cut them off from each other, or say nothing any more. */
final class Relay implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean open = true;
    private volatile boolean mute;

    Relay(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        run(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** Ends all connections, and refuses others until {@link #restore}. */
    void cut() {
        open = false;
        drop();
    }

    /** Ends all connections, and lets others come. */
    void drop() {
        sockets.forEach(Relay::end);
    }

    void restore() {
        open = true;
        mute = false;
    }

    /** Passes nothing on any more, without an end, on connections that are there. */
    void mute() {
        mute = true;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (open) {
                    join(client);
                } else {
                    end(client);
                }
            } catch (IOException closed) {
                // or the target is away: its client is told by the end
            }
        }
    }

    private void join(Socket client) throws IOException {
        sockets.add(client);
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(server);
            run(() -> pass(client, server));
            run(() -> pass(server, client));
        } catch (IOException away) {
            end(client);
        }
        if (!open) {
            drop();
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!mute) {
                    out.write(buffer, 0, count);
                }
            }
        } catch (IOException ended) {
            // as cut() does
        }
        end(from);
        end(to);
        sockets.remove(from);
        sockets.remove(to);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
