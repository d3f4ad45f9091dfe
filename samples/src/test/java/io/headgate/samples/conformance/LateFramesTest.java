package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.gateway.Gateway;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/**
 * What was on its way to a stream when the gateway reset it is ignored (RFC 9113 section 5.1). To answer each such frame
 * with another reset would cost a frame for each, and peers count resets and close connections that have too many.
 */
class LateFramesTest {

    private static final int LATE = 20;
    private static final int LIMIT_MILLIS = 10_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;

    private final Gateway gateway = Gateway.create();

    @AfterEach
    void stop() {
        gateway.closeAsync().block();
    }

    @Test
    void ofAClientAreNotAnsweredWithMoreResets() throws Exception {
        int port = Objects.requireNonNull(
                        gateway.listen("127.0.0.1", 0, LateFramesTest::deaf).block())
                .port();
        try (Peer client = new Peer(new Socket(InetAddress.getLoopbackAddress(), port))) {
            client.out.write(PREFACE);
            client.write(SETTINGS, 0, 0, new byte[0]);
            // HPACK: POST, http, /, :authority x
            client.write(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'x'});
            client.readUntil(frame -> frame.type == RST_STREAM && frame.stream == 1);

            client.writeLate(1);

            assertThat(client.resetsUntilPingIsAnswered()).isZero();
        }
    }

    @Test
    void ofAnUpstreamAreNotAnsweredWithMoreResets() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Mono<HttpReply> call = gateway.upstream("h2c://127.0.0.1:" + listening.getLocalPort())
                    .call(HttpExchange.of(RequestHead.of("GET", "x", "/"), Body.empty()))
                    .doOnNext(HttpReply::discard);
            call.subscribe();
            try (Peer upstream = new Peer(listening.accept())) {
                upstream.in.readFully(new byte[PREFACE.length]);
                upstream.write(SETTINGS, 0, 0, new byte[0]);
                int stream = upstream.readUntil(frame -> frame.type == HEADERS).stream;
                upstream.write(HEADERS, END_HEADERS, stream, new byte[] {(byte) 0x88}); // HPACK: status 200
                upstream.readUntil(frame -> frame.type == RST_STREAM && frame.stream == stream);

                upstream.writeLate(stream);

                assertThat(upstream.resetsUntilPingIsAnswered()).isZero();
            }
        }
    }

    private static Mono<HttpReply> deaf(HttpExchange exchange) {
        exchange.body().discard();
        return Mono.just(HttpReply.of(200));
    }

    private record Frame(int type, int flags, int stream) {}

    /** The other end of an HTTP/2 connection, frame by frame. */
    private static final class Peer implements AutoCloseable {

        private final Socket socket;
        private final DataInputStream in;
        private final DataOutputStream out;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(LIMIT_MILLIS);
            in = new DataInputStream(socket.getInputStream());
            out = new DataOutputStream(socket.getOutputStream());
        }

        void write(int type, int flags, int stream, byte[] payload) throws IOException {
            out.writeInt(payload.length << 8 | type);
            out.writeByte(flags);
            out.writeInt(stream);
            out.write(payload);
        }

        void writeLate(int stream) throws IOException {
            for (int i = 0; i < LATE; i++) {
                write(DATA, 0, stream, new byte[100]);
            }
            write(PING, 0, 0, new byte[8]);
        }

        int resetsUntilPingIsAnswered() throws IOException {
            int resets = 0;
            Frame frame = read();
            while (frame.type != PING || frame.flags != ACK) {
                resets += frame.type == RST_STREAM ? 1 : 0;
                frame = read();
            }
            return resets;
        }

        Frame readUntil(Predicate<Frame> wanted) throws IOException {
            Frame frame = read();
            while (!wanted.test(frame)) {
                frame = read();
            }
            return frame;
        }

        private Frame read() throws IOException {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            in.readFully(new byte[lengthAndType >>> 8]);
            return new Frame(lengthAndType & 0xff, flags, stream);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
