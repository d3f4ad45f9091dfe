package io.headgate.mux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Frames of HTTP/2 on a blocking socket, for either role. A thread reads, answers SETTINGS and PING and keeps the windows for
 * sending; bytes of a stream are credited when the test takes them, those of the connection at once.
 */
final class H2Wire implements AutoCloseable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;
    static final int SETTINGS_TIMEOUT = 4;
    static final int STREAM_CLOSED = 5;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;

    static final int DEFAULT_WINDOW = 65_535;
    private static final int FRAME = 16 * 1024;
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    final Socket socket;
    private final Socket plain;
    final Map<Integer, H2Stream> streams = new ConcurrentHashMap<>();
    final CompletableFuture<Long> goAway = new CompletableFuture<>();
    final CompletableFuture<Integer> goAwayLast = new CompletableFuture<>();

    /** The last stream identifiers of all GOAWAYs. */
    final BlockingQueue<Integer> goAways = new LinkedBlockingQueue<>();

    final BlockingQueue<byte[]> pings = new LinkedBlockingQueue<>();

    /** Whether PINGs are answered. */
    volatile boolean answersPings = true;

    final CompletableFuture<Void> closed = new CompletableFuture<>();
    final CompletableFuture<Void> settled = new CompletableFuture<>();
    private final boolean client;
    private final Consumer<H2Stream> accepted;
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    private long sendWindow = DEFAULT_WINDOW; // guarded by this, as those of the streams
    private int initialSendWindow = DEFAULT_WINDOW;
    private int nextId = 1;

    private H2Wire(Socket socket, Socket plain, boolean client, Consumer<H2Stream> accepted) throws IOException {
        this.socket = socket;
        this.plain = plain;
        this.client = client;
        this.accepted = accepted;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
        out = socket.getOutputStream();
    }

    /**
     * Starts to speak.
     *
     * @param settings pairs of identifier and value
     */
    static H2Wire start(Socket socket, boolean client, Consumer<H2Stream> accepted, int... settings)
            throws IOException {
        return start(socket, socket, client, accepted, settings);
    }

    /** The same with TLS; the connection below is what is closed. */
    static H2Wire start(Socket socket, Socket plain, boolean client, Consumer<H2Stream> accepted, int... settings)
            throws IOException {
        H2Wire wire = new H2Wire(socket, plain, client, accepted);
        if (client) {
            wire.out.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
        } else {
            byte[] preface = wire.in.readNBytes(PREFACE.length());
            if (!new String(preface, StandardCharsets.US_ASCII).equals(PREFACE)) {
                throw new IOException("no preface");
            }
        }
        ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        wire.frame(SETTINGS, 0, 0, payload.array());
        wire.credit(0, 1 << 24);
        Thread reader = new Thread(wire::readAll, client ? "h2-client" : "h2-peer");
        reader.setDaemon(true);
        reader.start();
        return wire;
    }

    /** The last stream identifier of the next GOAWAY; waits. */
    int nextGoAway() throws InterruptedException {
        Integer last = goAways.poll(H1Wire.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        if (last == null) {
            throw new AssertionError("no GOAWAY within " + H1Wire.PATIENCE_MILLIS + " ms");
        }
        return last;
    }

    // ---- writing

    synchronized void frame(int type, int flags, int streamId, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(streamId).put(payload);
        try {
            out.write(frame.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void credit(int streamId, int bytes) {
        frame(WINDOW_UPDATE, 0, streamId, ByteBuffer.allocate(4).putInt(bytes).array());
    }

    void reset(int streamId, int code) {
        frame(RST_STREAM, 0, streamId, ByteBuffer.allocate(4).putInt(code).array());
    }

    void sendGoAway(int lastStreamId, int code) {
        frame(
                GOAWAY,
                0,
                0,
                ByteBuffer.allocate(8).putInt(lastStreamId).putInt(code).array());
    }

    synchronized void headers(int streamId, Msg head, boolean endStream) {
        ByteBuf block = Unpooled.buffer();
        try {
            for (Msg.Field field : head.fields) { // one by one, so that the order is that of the test
                Http2Headers headers = new DefaultHttp2Headers(false).add(field.name(), field.value());
                encoder.encodeHeaders(streamId, headers, block);
            }
            byte[] payload = new byte[block.readableBytes()];
            block.readBytes(payload);
            frame(HEADERS, END_HEADERS | (endStream ? END_STREAM : 0), streamId, payload);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        } finally {
            block.release();
        }
    }

    /** Opens a stream; for clients. */
    synchronized H2Stream open(Msg head, boolean endStream) {
        H2Stream stream = stream(nextId);
        nextId += 2;
        headers(stream.id, head, endStream);
        return stream;
    }

    /** Writes bytes as the windows allow; waits for window. */
    void data(H2Stream stream, byte[] bytes, boolean endStream) {
        int at = 0;
        do {
            int length;
            synchronized (this) {
                length = awaitWindow(stream, bytes.length - at);
                byte[] part = java.util.Arrays.copyOfRange(bytes, at, at + length);
                at += length;
                frame(DATA, endStream && at == bytes.length ? END_STREAM : 0, stream.id, part);
                stream.written.addAndGet(length);
            }
        } while (at < bytes.length);
    }

    private int awaitWindow(H2Stream stream, int wanted) {
        if (wanted == 0) {
            return 0;
        }
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (Math.min(sendWindow, stream.sendWindow) <= 0) {
            if (closed.isDone() || stream.reset.isDone()) {
                throw new UncheckedIOException(new IOException("stream is gone"));
            }
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("no window in time");
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
        int length = (int) Math.min(Math.min(wanted, FRAME), Math.min(sendWindow, stream.sendWindow));
        sendWindow -= length;
        stream.sendWindow -= length;
        return length;
    }

    // ---- reading

    private void readAll() {
        try {
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int streamId = in.readInt() & Integer.MAX_VALUE;
                byte[] payload = in.readNBytes(length);
                if (payload.length < length) {
                    throw new IOException("closed within a frame");
                }
                read(type, flags, streamId, payload);
            }
        } catch (IOException | RuntimeException | Http2Exception e) {
            closed.complete(null);
            streams.values().forEach(H2Stream::connectionClosed);
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private void read(int type, int flags, int streamId, byte[] payload) throws IOException, Http2Exception {
        switch (type) {
            case DATA -> {
                if (payload.length > 0) {
                    answer(() -> credit(0, payload.length));
                }
                stream(streamId).dataRead(payload, (flags & END_STREAM) != 0);
            }
            case HEADERS -> headersRead(flags, streamId, payload);
            case RST_STREAM -> {
                stream(streamId).resetRead(ByteBuffer.wrap(payload).getInt());
                synchronized (this) {
                    notifyAll();
                }
            }
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    settingsRead(ByteBuffer.wrap(payload));
                    answer(() -> frame(SETTINGS, ACK, 0, new byte[0]));
                    settled.complete(null); // behind the answer: who waits may write so much that none gets in between
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    pings.add(payload);
                    if (answersPings) {
                        answer(() -> frame(PING, ACK, 0, payload));
                    }
                }
            }
            case GOAWAY -> {
                ByteBuffer fields = ByteBuffer.wrap(payload);
                int last = fields.getInt();
                goAways.add(last);
                goAwayLast.complete(last);
                goAway.complete((long) fields.getInt());
            }
            case WINDOW_UPDATE -> windowRead(streamId, ByteBuffer.wrap(payload).getInt());
            default -> {}
        }
    }

    /** What the other end said before it closed is read even when it no longer takes an answer. */
    private static void answer(Runnable write) {
        try {
            write.run();
        } catch (UncheckedIOException e) {
            // the end comes when all is read
        }
    }

    private void headersRead(int flags, int streamId, byte[] payload) throws IOException, Http2Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        int start = 0;
        int end = payload.length;
        if ((flags & 8) != 0) { // PADDED
            start = 1;
            end -= payload[0] & 0xff;
        }
        if ((flags & 0x20) != 0) { // PRIORITY
            start += 5;
        }
        block.write(payload, start, end - start);
        boolean more = (flags & END_HEADERS) == 0;
        while (more) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            more = (in.readUnsignedByte() & END_HEADERS) == 0;
            in.readInt();
            if (type != CONTINUATION) {
                throw new IOException("frame " + type + " instead of CONTINUATION");
            }
            block.write(in.readNBytes(length));
        }
        Msg head = Msg.of();
        ByteBuf encoded = Unpooled.wrappedBuffer(block.toByteArray());
        try {
            decoder.decodeHeaders(streamId, encoded)
                    .forEach(field -> head.fields.add(new Msg.Field(
                            field.getKey().toString(), field.getValue().toString())));
        } finally {
            encoded.release();
        }
        head.endStream = (flags & END_STREAM) != 0;
        boolean known = streams.containsKey(streamId);
        H2Stream stream = stream(streamId);
        stream.headRead(head);
        if (!known && !client) {
            accepted.accept(stream);
        }
    }

    private synchronized void settingsRead(ByteBuffer settings) {
        while (settings.remaining() >= 6) {
            int id = settings.getShort();
            int value = settings.getInt();
            if (id == 4) {
                int delta = value - initialSendWindow;
                initialSendWindow = value;
                streams.values().forEach(stream -> stream.sendWindow += delta);
            }
        }
        notifyAll();
    }

    private synchronized void windowRead(int streamId, int bytes) {
        if (streamId == 0) {
            sendWindow += bytes;
        } else {
            stream(streamId).sendWindow += bytes;
        }
        notifyAll();
    }

    synchronized long sendWindow(H2Stream stream) {
        return Math.min(sendWindow, stream.sendWindow);
    }

    private synchronized H2Stream stream(int id) {
        return streams.computeIfAbsent(id, created -> new H2Stream(this, created, initialSendWindow));
    }

    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
