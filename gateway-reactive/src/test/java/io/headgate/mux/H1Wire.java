package io.headgate.mux;

import io.headgate.mux.Content.Ending;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes of HTTP/1.1 on a blocking socket, for either role. */
final class H1Wire implements AutoCloseable {

    static final int PATIENCE_MILLIS = 5000;

    final Socket socket;
    private final Socket plain;
    final AtomicLong written = new AtomicLong();
    final AtomicLong received = new AtomicLong();
    private final InputStream in;
    private final OutputStream out;

    H1Wire(Socket socket) throws IOException {
        this(socket, socket);
    }

    /** With TLS, the connection below is what is closed, so that a writer that is stuck does not hinder. */
    H1Wire(Socket socket, Socket plain) throws IOException {
        this.socket = socket;
        this.plain = plain;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(new Counting(socket.getInputStream()), 16 * 1024);
        out = socket.getOutputStream();
    }

    void write(String text) {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] bytes) {
        try {
            for (int at = 0; at < bytes.length; at += 16 * 1024) {
                int length = Math.min(16 * 1024, bytes.length - at);
                out.write(bytes, at, length);
                written.addAndGet(length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A head, or null when the connection was closed instead. */
    Msg head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int state = 0;
        while (state < 4) {
            int b = in.read();
            if (b < 0) {
                if (head.size() == 0) {
                    return null;
                }
                throw new EOFException("closed within a head: " + head.toString(StandardCharsets.ISO_8859_1));
            }
            head.write(b);
            state = b == (state % 2 == 0 ? '\r' : '\n') ? state + 1 : b == '\r' ? 1 : 0;
        }
        return Msg.parse(head.toString(StandardCharsets.ISO_8859_1));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("closed within a line: " + line);
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /** Waits until the other end has closed; swallows what still comes. True for a proper close, false for a reset. */
    boolean awaitClose() {
        try {
            while (in.read() >= 0) {
                // whatever it is
            }
            return true;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("not closed within " + PATIENCE_MILLIS + " ms", e);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether nothing comes for a while, not even the end. */
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            in.mark(1);
            if (in.read() >= 0) {
                in.reset();
            }
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** The body that a head promises; says when its proper end has been read. */
    Incoming body(Msg head, boolean request, boolean bodiless, Runnable onEnd) {
        String length = head.get("content-length");
        if (bodiless) {
            return new Sized(0, onEnd);
        } else if ("chunked".equalsIgnoreCase(head.get("transfer-encoding"))) {
            return new Chunked(onEnd);
        } else if (length != null) {
            return new Sized(Long.parseLong(length), onEnd);
        }
        return request ? new Sized(0, onEnd) : new UntilClose(onEnd);
    }

    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Counting extends FilterInputStream {

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            received.addAndGet(Math.max(read, 0));
            return read;
        }
    }

    private abstract class Reader extends Incoming {

        private final Runnable onEnd;

        Reader(Runnable onEnd) {
            this.onEnd = onEnd;
        }

        abstract byte[] read() throws IOException;

        @Override
        byte[] chunk() {
            try {
                byte[] bytes = read();
                if (bytes == null) {
                    onEnd.run();
                }
                return bytes;
            } catch (SocketTimeoutException e) {
                throw new AssertionError("no bytes within " + PATIENCE_MILLIS + " ms", e);
            } catch (IOException e) {
                throw new Cut(Ending.CLOSED, -1, e);
            }
        }

        byte[] some(long most) throws IOException {
            byte[] buffer = new byte[(int) Math.min(most, 16 * 1024)];
            int read = in.read(buffer);
            return read < 0 ? null : java.util.Arrays.copyOf(buffer, read);
        }
    }

    private final class Sized extends Reader {

        private long left;

        Sized(long left, Runnable onEnd) {
            super(onEnd);
            this.left = left;
        }

        @Override
        byte[] read() throws IOException {
            if (left == 0) {
                return null;
            }
            byte[] bytes = some(left);
            if (bytes == null) {
                throw new EOFException(left + " bytes missing");
            }
            left -= bytes.length;
            return bytes;
        }
    }

    private final class UntilClose extends Reader {

        UntilClose(Runnable onEnd) {
            super(onEnd);
        }

        @Override
        byte[] read() throws IOException {
            return some(Long.MAX_VALUE);
        }
    }

    private final class Chunked extends Reader {

        private long left;
        private boolean first = true;
        private boolean ended;

        Chunked(Runnable onEnd) {
            super(onEnd);
        }

        @Override
        byte[] read() throws IOException {
            if (ended) {
                return null;
            }
            if (left == 0) {
                if (!first && !line().isEmpty()) {
                    throw new AssertionError("no line end after a chunk");
                }
                first = false;
                left = Long.parseLong(line(), 16);
                if (left == 0) {
                    trailers();
                    return null;
                }
            }
            byte[] bytes = some(left);
            if (bytes == null) {
                throw new EOFException(left + " bytes of a chunk missing");
            }
            left -= bytes.length;
            return bytes;
        }

        private void trailers() throws IOException {
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                trailers.add(new Msg.Field(
                        line.substring(0, colon), line.substring(colon + 1).strip()));
            }
            ended = true;
        }
    }
}
