package io.headgate.mux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A scripted upstream: accepts connections, counts them and the requests on them, and hands the requests to the test, one
 * after the other, or to an answer that was set before.
 */
abstract class Peer implements AutoCloseable {

    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();
    protected final RigTls tls;
    protected final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final LinkedBlockingQueue<UpstreamCall> calls = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "peer");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Consumer<UpstreamCall> answer;

    /**
     * Listens.
     *
     * @param buffer sizes of the socket buffers, or 0 for what the system likes
     * @param tls or null for cleartext
     */
    Peer(int buffer, RigTls tls) throws IOException {
        this.tls = tls;
        server = new ServerSocket();
        if (buffer > 0) {
            server.setReceiveBufferSize(buffer);
        }
        server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 1000);
        threads.execute(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    if (buffer > 0) {
                        socket.setSendBufferSize(buffer);
                    }
                    sockets.add(socket);
                    connections.incrementAndGet();
                    threads.execute(() -> serve(socket));
                }
            } catch (IOException e) {
                // closed
            }
        });
    }

    abstract void serve(Socket socket);

    abstract String url();

    int port() {
        return server.getLocalPort();
    }

    /** Answers all further requests with a script, each on a thread of its own. */
    void answer(Consumer<UpstreamCall> script) {
        answer = script;
    }

    protected void accepted(UpstreamCall call) {
        requests.incrementAndGet();
        Consumer<UpstreamCall> script = answer;
        if (script != null) {
            threads.execute(() -> script.accept(call));
        } else {
            calls.add(call);
        }
    }

    /** The next request; waits. */
    UpstreamCall take() throws InterruptedException {
        UpstreamCall call = calls.poll(H1Wire.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        if (call == null) {
            throw new AssertionError("no request within " + H1Wire.PATIENCE_MILLIS + " ms");
        }
        return call;
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        threads.shutdownNow();
    }
}
