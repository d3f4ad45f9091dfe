package io.headgate.mux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that speaks HTTP/2, many exchanges on one connection. */
final class H2Client implements Client {

    final H2Wire wire;
    private final String scheme;

    /**
     * Connects.
     *
     * @param window the initial window of streams, in which the gateway may send
     */
    H2Client(int port, int window) throws IOException {
        this(port, window, null);
    }

    H2Client(int port, int window, RigTls tls) throws IOException {
        scheme = tls == null ? "http" : "https";
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(Inet4Address.getByName("127.0.0.1"), port));
        wire = H2Wire.start(
                tls == null ? socket : tls.client(socket, "h2"), socket, true, stream -> {}, 2, 0, 4, window);
    }

    @Override
    public Call call(String method, String target, boolean hasBody, String... fields) {
        Msg head = Msg.of(":method", method, ":scheme", scheme, ":authority", "test.example", ":path", target);
        head.fields.addAll(Msg.of(fields).fields);
        return open(head, !hasBody);
    }

    Call open(Msg head, boolean endStream) {
        return new Call(wire.open(head, endStream));
    }

    @Override
    public void close() {
        wire.close();
    }

    static final class Call extends ClientCall {

        final H2Stream stream;

        Call(H2Stream stream) {
            this.stream = stream;
        }

        @Override
        ClientCall send(byte[] bytes) {
            stream.wire.data(stream, bytes, false);
            return this;
        }

        @Override
        void end(String... trailers) {
            if (trailers.length == 0) {
                stream.wire.data(stream, new byte[0], true);
            } else {
                stream.wire.headers(stream.id, Msg.of(trailers), true);
            }
        }

        @Override
        Msg head() {
            return stream.head();
        }

        @Override
        Incoming body() {
            return stream;
        }

        @Override
        void abort() {
            stream.wire.reset(stream.id, H2Wire.CANCEL);
        }
    }
}
