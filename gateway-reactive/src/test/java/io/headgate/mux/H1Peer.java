package io.headgate.mux;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** An upstream that speaks HTTP/1.1. */
final class H1Peer extends Peer {

    private final List<H1Wire> wires = new CopyOnWriteArrayList<>();

    H1Peer(int buffer) throws IOException {
        this(buffer, null);
    }

    H1Peer(int buffer, RigTls tls) throws IOException {
        super(buffer, tls);
    }

    @Override
    String url() {
        return (tls == null ? "http" : "https") + "://127.0.0.1:" + port();
    }

    /** How many bytes have come on all connections. */
    long received() {
        return wires.stream().mapToLong(wire -> wire.received.get()).sum();
    }

    static String lastChunk(String... trailers) {
        StringBuilder text = new StringBuilder("0\r\n");
        for (int i = 0; i < trailers.length; i += 2) {
            text.append(trailers[i]).append(": ").append(trailers[i + 1]).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    @Override
    void serve(Socket socket) {
        try {
            H1Wire wire = new H1Wire(tls == null ? socket : tls.server(socket, "http/1.1"), socket);
            wire.socket.setSoTimeout(0);
            wires.add(wire);
            for (Msg head = wire.head(); head != null; head = wire.head()) {
                wire.socket.setSoTimeout(H1Wire.PATIENCE_MILLIS);
                Call call = new Call(wire, head);
                accepted(call);
                call.done.await();
                call.read.await();
                wire.socket.setSoTimeout(0);
            }
        } catch (IOException | InterruptedException e) {
            // the test is told through what it waits for
        }
    }

    static final class Call extends UpstreamCall {

        final H1Wire wire;
        private final CountDownLatch done = new CountDownLatch(1);
        private final CountDownLatch read = new CountDownLatch(1);
        private final Incoming body;
        private boolean chunked;
        private long headBytes;

        Call(H1Wire wire, Msg request) {
            super(request);
            this.wire = wire;
            this.body = wire.body(request, true, false, read::countDown);
            if (request.get("transfer-encoding") == null && request.get("content-length") == null) {
                read.countDown();
            }
        }

        @Override
        Incoming body() {
            return body;
        }

        @Override
        void interim(int status, String... fields) {
            wire.write(text(status, fields) + "\r\n");
        }

        private static String text(int status, String... fields) {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\n");
            for (int i = 0; i < fields.length; i += 2) {
                head.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
            }
            return head.toString();
        }

        @Override
        UpstreamCall head(int status, boolean endsHere, String... fields) {
            Msg given = Msg.of(fields);
            boolean closes = "close".equals(given.get("connection"));
            chunked = !endsHere && given.get("content-length") == null && !closes;
            String framing = chunked ? "Transfer-Encoding: chunked\r\n" : "";
            if (endsHere && given.get("content-length") == null && status != 204 && status != 304) {
                framing = "Content-Length: 0\r\n";
            }
            wire.write(text(status, fields) + framing + "\r\n");
            headBytes = wire.written.get();
            if (endsHere) {
                done.countDown();
            }
            return this;
        }

        /** Sends bytes just as they are. */
        Call raw(String text) {
            wire.write(text);
            return this;
        }

        /** Closes as a server does that has said all; with TLS, that says so. */
        void closeProperly() {
            try {
                wire.socket.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            done.countDown();
        }

        /** Says that the reply is whole: the next request may come. */
        void done() {
            done.countDown();
        }

        @Override
        UpstreamCall send(byte[] bytes) {
            if (chunked) {
                wire.write(Integer.toHexString(bytes.length) + "\r\n");
            }
            wire.write(bytes);
            if (chunked) {
                wire.write("\r\n");
            }
            return this;
        }

        @Override
        void end(String... trailers) {
            if (chunked) {
                wire.write(lastChunk(trailers));
            }
            done.countDown();
        }

        @Override
        void crash() {
            wire.close();
            done.countDown();
        }

        @Override
        void awaitCancel() {
            wire.awaitClose();
            done.countDown();
        }

        @Override
        long written() {
            return wire.written.get() - headBytes;
        }
    }
}
