package io.headgate.sync.server;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A client of a test, on a blocking socket: says what it is told to, keeps what it was sent and folds it into a map. Answers
 * pings and restarts of the decoder unless told not to.
 */
public final class Visitor implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;
    private final SyncEncoder encoder = SyncEncoder.client(Generation.TODAY);
    private final List<SyncMessage> received = new ArrayList<>();
    private final Map<String, SyncUpdate> entries = new TreeMap<>();
    private final ByteBuf waiting = Unpooled.buffer();
    private SyncDecoder decoder = SyncDecoder.client(GobLimits.CLIENT);
    private EmbeddedChannel snappy; // null while the stream is plain
    private boolean answers = true;
    private boolean opened;
    private SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;
    private long position;
    private long bytes;

    private Visitor(Socket socket) {
        try {
            this.socket = socket;
            this.in = socket.getInputStream();
            socket.setSoTimeout(PATIENCE_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A hello of today with what a test changes of it. */
    public record Hello(
            String type,
            boolean restart,
            boolean snappy,
            boolean policyKeys,
            boolean refusals,
            List<String> prefixes,
            long server,
            long position) {

        public static final Hello PLAIN = new Hello("", false, false, true, false, List.of(), 0, 0);
        public static final Hello SNAPPY = new Hello("", true, true, true, false, List.of(), 0, 0);

        public Hello withType(String changed) {
            return new Hello(changed, restart, snappy, policyKeys, refusals, prefixes, server, position);
        }

        public Hello withoutRestart() {
            return new Hello(type, false, snappy, policyKeys, refusals, prefixes, server, position);
        }

        public Hello withoutPolicyKeys() {
            return new Hello(type, restart, snappy, false, refusals, prefixes, server, position);
        }

        public Hello withRefusals() {
            return new Hello(type, restart, snappy, policyKeys, true, prefixes, server, position);
        }

        public Hello withPrefixes(String... changed) {
            return new Hello(type, restart, snappy, policyKeys, refusals, List.of(changed), server, position);
        }

        public Hello resuming(long changedServer, long changedPosition) {
            return new Hello(type, restart, snappy, policyKeys, refusals, prefixes, changedServer, changedPosition);
        }

        ClientHello message() {
            return new ClientHello(
                    "host",
                    "a test",
                    "0",
                    type,
                    restart,
                    snappy ? List.of("snappy") : List.of(),
                    policyKeys,
                    7,
                    refusals,
                    prefixes,
                    server,
                    position);
        }
    }

    /** Connects and says nothing yet. */
    public static Visitor connect(int port) {
        return connect(port, 0);
    }

    /** The same with a receive buffer of a size, 0 for that of the system. */
    public static Visitor connect(int port, int receiveBuffer) {
        try {
            Socket socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            return new Visitor(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Over a socket that is connected. */
    public static Visitor over(Socket socket) {
        return new Visitor(socket);
    }

    /** Connects and says hello. */
    public static Visitor greeting(int port, Hello hello) {
        return connect(port).say(hello.message());
    }

    public Visitor hello(Hello hello) {
        return say(hello.message());
    }

    public Visitor say(SyncMessage message) {
        ByteBuf out = Unpooled.buffer();
        if (!opened) {
            opened = true;
            out.writeBytes(encoder.preamble());
        }
        encoder.encode(message, out);
        byte[] all = new byte[out.readableBytes()];
        out.readBytes(all);
        return write(all);
    }

    public Visitor write(byte... raw) {
        try {
            socket.getOutputStream().write(raw);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves pings and restarts unanswered from now on. */
    public Visitor silent() {
        answers = false;
        return this;
    }

    // ---- reading

    /** The next message; null when the server has closed the connection. */
    public SyncMessage next() {
        try {
            while (true) {
                SyncMessage message = decoder.decode(waiting);
                waiting.discardSomeReadBytes();
                if (message != null) {
                    took(message);
                    return message;
                }
                if (!read()) {
                    return null;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean read() throws IOException {
        byte[] chunk = new byte[64 * 1024];
        int count;
        try {
            count = in.read(chunk);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return false; // reset
        }
        if (count < 0) {
            return false;
        }
        bytes += count;
        arrived(Unpooled.wrappedBuffer(chunk, 0, count));
        return true;
    }

    private void arrived(ByteBuf raw) {
        if (snappy == null) {
            waiting.writeBytes(raw);
            return;
        }
        snappy.writeInbound(raw);
        for (ByteBuf part = snappy.readInbound(); part != null; part = snappy.readInbound()) {
            waiting.writeBytes(part);
            part.release();
        }
    }

    private void took(SyncMessage message) {
        received.add(message);
        if (message instanceof SyncMessage.Kvs kvs) {
            for (SyncUpdate update : kvs.updates()) {
                if (update.isPresent()) {
                    entries.put(update.key(), update);
                } else {
                    entries.remove(update.key());
                }
            }
            position = kvs.position() == 0 ? position : kvs.position();
        } else if (message instanceof SyncMessage.Status told) {
            status = told.status();
            position = told.position() == 0 ? position : told.position();
        } else if (answers && message instanceof SyncMessage.Ping ping) {
            answer(new SyncMessage.Pong(ping.sent()));
        } else if (answers && message instanceof SyncMessage.DecoderRestart restart) {
            restarted(restart);
        }
    }

    private void restarted(SyncMessage.DecoderRestart restart) {
        decoder = SyncDecoder.client(GobLimits.CLIENT);
        if (snappy != null) {
            snappy.finishAndReleaseAll();
            snappy = null;
        }
        if (restart.compression().equals(SyncMessage.SNAPPY)) {
            snappy = new EmbeddedChannel(new SnappyFrameDecoder(true));
        }
        answer(new SyncMessage.Ack());
    }

    /** The server may have closed the connection behind what it is an answer to; the next read tells. */
    private void answer(SyncMessage message) {
        try {
            say(message);
        } catch (UncheckedIOException e) {
            // nobody is there to take it
        }
    }

    /** Reads until a condition holds; fails when the server closes before. */
    public Visitor until(Predicate<Visitor> condition) {
        while (!condition.test(this)) {
            if (next() == null) {
                throw new AssertionError("closed by the server after " + received);
            }
        }
        return this;
    }

    public Visitor untilInSync() {
        return until(visitor -> visitor.status == SyncStatus.IN_SYNC);
    }

    public <M extends SyncMessage> M next(Class<M> kind) {
        SyncMessage message = next();
        if (!kind.isInstance(message)) {
            throw new AssertionError("message: " + message + " (expected: " + kind.getSimpleName() + ")");
        }
        return kind.cast(message);
    }

    /** Reads until the server closes the connection. */
    public Visitor untilClosed() {
        while (next() != null) {
            // kept already
        }
        return this;
    }

    /** Whether nothing comes for a while. */
    public boolean isQuietFor(Duration time) {
        try {
            socket.setSoTimeout((int) time.toMillis());
            try {
                next();
                return false;
            } catch (UncheckedIOException e) {
                if (e.getCause() instanceof SocketTimeoutException) {
                    return true;
                }
                throw e;
            } finally {
                socket.setSoTimeout(PATIENCE_MILLIS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what it has

    public List<SyncMessage> received() {
        return received;
    }

    public <M extends SyncMessage> List<M> received(Class<M> kind) {
        return received.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    public SyncMessage.ServerHello serverHello() {
        return received(SyncMessage.ServerHello.class).get(0);
    }

    /** What is there, by key. */
    public Map<String, SyncUpdate> entries() {
        return entries;
    }

    /** Values as text, by key. */
    public Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        entries.forEach((key, update) -> values.put(key, update.value().toStringUtf8()));
        return values;
    }

    public SyncStatus status() {
        return status;
    }

    /** The last position that was told. */
    public long position() {
        return position;
    }

    /** How many bytes were read. */
    public long bytes() {
        return bytes;
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
            if (snappy != null) {
                snappy.finishAndReleaseAll();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
