package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An upstream that speaks HTTP/2. */
final class H2Peer extends Peer {

    final List<H2Wire> wires = new CopyOnWriteArrayList<>();

    /** SETTINGS of connections to come: pairs of identifier and value. */
    volatile int[] settings = {};

    H2Peer(int buffer) throws IOException {
        this(buffer, null);
    }

    H2Peer(int buffer, RigTls tls) throws IOException {
        super(buffer, tls);
    }

    @Override
    String url() {
        return (tls == null ? "h2c" : "h2") + "://127.0.0.1:" + port();
    }

    @Override
    void serve(Socket socket) {
        try {
            Socket speaking = tls == null ? socket : tls.server(socket, "h2");
            H2Wire wire = H2Wire.start(
                    speaking, socket, false, stream -> accepted(new Call(stream, stream.head())), settings);
            wires.add(wire);
        } catch (IOException e) {
            // the test is told through what it waits for
        }
    }

    static final class Call extends UpstreamCall {

        final H2Stream stream;

        Call(H2Stream stream, Msg request) {
            super(request);
            this.stream = stream;
        }

        @Override
        Incoming body() {
            return stream;
        }

        private static Msg msg(int status, String... fields) {
            Msg head = Msg.of(":status", String.valueOf(status));
            head.fields.addAll(Msg.of(fields).fields);
            return head;
        }

        @Override
        void interim(int status, String... fields) {
            stream.wire.headers(stream.id, msg(status, fields), false);
        }

        @Override
        UpstreamCall head(int status, boolean endsHere, String... fields) {
            stream.wire.headers(stream.id, msg(status, fields), endsHere);
            return this;
        }

        @Override
        UpstreamCall send(byte[] bytes) {
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
        void crash() {
            stream.wire.close();
        }

        @Override
        void awaitCancel() throws Exception {
            assertThat(stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
        }

        @Override
        long written() {
            return stream.written.get();
        }
    }
}
