package io.headgate.mux;

import java.io.EOFException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that speaks HTTP/1.1, one exchange after the other on one connection. */
final class H1Client implements Client {

    final H1Wire wire;

    H1Client(int port) throws IOException {
        this(port, 0);
    }

    /** With a small receive buffer, so that a client that does not read is noticed soon. */
    H1Client(int port, int receiveBuffer) throws IOException {
        this(port, receiveBuffer, null);
    }

    H1Client(int port, int receiveBuffer, RigTls tls) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(Inet4Address.getByName("127.0.0.1"), port));
        wire = new H1Wire(tls == null ? socket : tls.client(socket, "http/1.1"), socket);
    }

    @Override
    public ClientCall call(String method, String target, boolean hasBody, String... fields) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test.example\r\n");
        boolean sized = false;
        for (int i = 0; i < fields.length; i += 2) {
            sized |= fields[i].equalsIgnoreCase("content-length");
            head.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        boolean chunked = hasBody && !sized;
        wire.write(head.append(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n")
                .toString());
        return new Call(method.equals("HEAD"), chunked);
    }

    @Override
    public void close() {
        wire.close();
    }

    final class Call extends ClientCall {

        private final boolean replyToHead;
        private final boolean chunked;
        private Msg last;

        Call(boolean replyToHead, boolean chunked) {
            this.replyToHead = replyToHead;
            this.chunked = chunked;
        }

        H1Wire wire() {
            return wire;
        }

        @Override
        ClientCall send(byte[] bytes) {
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
                wire.write(H1Peer.lastChunk(trailers));
            }
        }

        @Override
        Msg head() throws IOException {
            last = wire.head();
            if (last == null) {
                throw new EOFException("closed instead of a reply");
            }
            return last;
        }

        @Override
        Incoming body() {
            boolean bodiless = replyToHead || last.status() == 204 || last.status() == 304;
            return wire.body(last, false, bodiless, () -> {});
        }

        @Override
        void abort() {
            wire.close();
        }
    }
}
