package io.headgate.samples.conformance;

import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;

/** A client that means harm, over a raw socket; goes on until it is cut off and tells how that was. */
final class Attacker implements Callable<String> {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int LIMIT_MILLIS = 30_000;
    private static final Duration BETWEEN_BYTES = Duration.ofMillis(100);
    private static final int SMALL = 4096;
    private static final int STREAMS = 50;

    /** What attackers do, and what they are told for it. */
    enum Kind {
        RAPID_RESET("GOAWAY 11"),
        MADE_YOU_RESET("GOAWAY 11"),
        CONTINUATIONS("GOAWAY 11"),
        SETTINGS_FLOOD("GOAWAY 11"),
        PING_FLOOD("GOAWAY 11"),
        EMPTY_FRAMES("GOAWAY 11"),
        ZERO_WINDOW("RST_STREAM 8"),
        SLOW_HEAD("408"),
        SLOW_READ("closed");

        final String end;

        Kind(String end) {
            this.end = end;
        }
    }

    private final Kind kind;
    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final DataOutputStream out;
    private volatile String end = "";
    private int nextStream = 1;

    Attacker(Kind kind, int port) throws IOException {
        this.kind = kind;
        socket.setSoTimeout(LIMIT_MILLIS);
        if (kind == Kind.SLOW_READ) {
            socket.setReceiveBufferSize(SMALL);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(socket.getOutputStream());
    }

    @Override
    public String call() throws Exception {
        try (socket) {
            return switch (kind) {
                case SLOW_HEAD -> slowHead();
                case SLOW_READ -> slowRead();
                default -> flood();
            };
        }
    }

    private String slowHead() throws IOException {
        write("GET / HTTP/1.1\r\nHost: a\r\n");
        byte[] status = new byte[12]; // HTTP/1.1 408
        in.readFully(status);
        return new String(status, 9, 3, StandardCharsets.US_ASCII);
    }

    /** Asks for much and takes nothing; what it writes meanwhile shows that the connection is there. */
    private String slowRead() throws IOException {
        write("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
        await().forever().pollDelay(Duration.ZERO).pollInterval(BETWEEN_BYTES).until(this::isCutOff);
        return "closed";
    }

    private boolean isCutOff() {
        try {
            out.write('\r');
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    // ---- HTTP/2

    private String flood() throws Exception {
        out.write(PREFACE);
        frame(SETTINGS, 0, 0, kind == Kind.ZERO_WINDOW ? new byte[] {0, 4, 0, 0, 0, 0} : NOTHING);
        frame(SETTINGS, 1, 0, NOTHING);
        Thread reader = new Thread(this::readAll, "attacker");
        reader.start();
        try {
            begin();
            while (end.isEmpty() && kind != Kind.ZERO_WINDOW) {
                attack();
            }
        } catch (IOException e) {
            // cut off; the reader knows why
        }
        reader.join();
        return end;
    }

    private void begin() throws IOException {
        switch (kind) {
            case CONTINUATIONS -> frame(HEADERS, 0, 1, NOTHING);
            case EMPTY_FRAMES -> open(false, "/");
            case ZERO_WINDOW -> {
                for (int i = 0; i < STREAMS; i++) {
                    open(true, "/big");
                }
            }
            default -> {}
        }
    }

    private void attack() throws IOException {
        switch (kind) {
            case RAPID_RESET -> frame(RST_STREAM, 0, open(true, "/"), new byte[] {0, 0, 0, 8});
            case MADE_YOU_RESET -> frame(WINDOW_UPDATE, 0, open(false, "/"), new byte[4]);
            case CONTINUATIONS -> frame(CONTINUATION, 0, 1, NOTHING);
            case SETTINGS_FLOOD -> frame(SETTINGS, 0, 0, NOTHING);
            case PING_FLOOD -> frame(PING, 0, 0, new byte[8]);
            case EMPTY_FRAMES -> frame(DATA, 0, 1, NOTHING);
            default -> throw new IllegalStateException(kind + " is no flood");
        }
    }

    /** Opens a stream with GET or POST of http://a. */
    private int open(boolean whole, String path) throws IOException {
        byte[] text = path.getBytes(StandardCharsets.US_ASCII);
        byte[] block = new byte[7 + text.length];
        System.arraycopy(new byte[] {(byte) (whole ? 0x82 : 0x83), (byte) 0x86, 0x01, 1, 'a', 0x04}, 0, block, 0, 6);
        block[6] = (byte) text.length;
        System.arraycopy(text, 0, block, 7, text.length);
        int stream = nextStream;
        nextStream += 2;
        frame(HEADERS, whole ? 5 : 4, stream, block);
        return stream;
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        byte[] frame = new byte[9 + payload.length];
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        for (int i = 0; i < 4; i++) {
            frame[5 + i] = (byte) (stream >> 24 - 8 * i);
        }
        System.arraycopy(payload, 0, frame, 9, payload.length);
        out.write(frame);
    }

    private void readAll() {
        try {
            while (end.isEmpty()) {
                int lengthAndType = in.readInt();
                in.skipNBytes(5);
                byte[] payload = new byte[lengthAndType >>> 8];
                in.readFully(payload);
                int type = lengthAndType & 0xff;
                if (type == GOAWAY) {
                    end = "GOAWAY " + payload[7];
                } else if (type == RST_STREAM && kind == Kind.ZERO_WINDOW) {
                    end = "RST_STREAM " + payload[3];
                }
            }
        } catch (IOException e) {
            end = "lost: " + e;
        }
    }
}
