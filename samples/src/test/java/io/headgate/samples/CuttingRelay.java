package io.headgate.samples;

import io.headgate.rpc.net.RpcAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a client and a server, and cuts the first connection after so many bytes for the client. */
final class CuttingRelay implements AutoCloseable {

    private final RpcAddress target;
    private final int cutAfter;
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();

    private CuttingRelay(RpcAddress target, int cutAfter) throws IOException {
        this.target = target;
        this.cutAfter = cutAfter;
    }

    static CuttingRelay to(String address, int cutAfter) throws IOException {
        CuttingRelay relay = new CuttingRelay(RpcAddress.of(address), cutAfter);
        start(relay::accept);
        return relay;
    }

    String address() {
        return "tcp://127.0.0.1:" + listening.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    private void accept() throws IOException {
        while (!listening.isClosed()) {
            Socket client = listening.accept();
            Socket server = new Socket(target.host(), target.port());
            int most = connections.getAndIncrement() == 0 ? cutAfter : Integer.MAX_VALUE;
            start(() -> copy(client, server, Integer.MAX_VALUE));
            start(() -> copy(server, client, most));
        }
    }

    private static void copy(Socket from, Socket to, int most) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            long left = most;
            for (int read = in.read(buffer); read >= 0 && left > 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                left -= read;
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        return; // by the other end, or by the test
                    }
                },
                "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
