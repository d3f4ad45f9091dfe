package io.headgate.samples.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/** The asking end of {@link NioContender}. */
final class NioCaller implements Contender.Caller {

    private static final int SMALL = 64 * 1024;
    private static final int LARGE = 2 << 20;

    private final SocketChannel channel;
    private ByteBuffer in = ByteBuffer.allocateDirect(SMALL);
    private ByteBuffer out = ByteBuffer.allocateDirect(SMALL);

    NioCaller(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public void download(Download what) {
        try {
            order(what);
            in = sized(in, LARGE);
            long received = 0;
            while (received < what.bytes()) {
                in.clear();
                received += read();
            }
            what.check(received);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stall(Download what) {
        try {
            order(what);
            in.clear().limit(1);
            read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void order(Download what) throws IOException {
        out.putInt(1 + Download.ENCODED).put(NettyPeer.DOWNLOAD).put(what.encode());
        flush();
    }

    private static ByteBuffer sized(ByteBuffer buffer, int least) {
        return buffer.capacity() >= least ? buffer : ByteBuffer.allocateDirect(least);
    }

    private int read() throws IOException {
        int read = channel.read(in);
        if (read < 0) {
            throw new EOFException("connection: closed (expected: more bytes)");
        }
        return read;
    }

    private void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    @Override
    public void run(Calls calls) {
        ArrayDeque<Long> began = new ArrayDeque<>();
        in = sized(in, calls.inFlight() * (5 + calls.payload().length));
        out = sized(out, in.capacity());
        Runnable one = () -> {
            began.add(System.nanoTime());
            out.putInt(1 + calls.payload().length).put(NettyPeer.CALL).put(calls.payload());
        };
        try {
            in.clear();
            calls.start(one);
            for (long left = calls.count(); left > 0; ) {
                flush();
                read();
                in.flip();
                while (in.remaining() >= 4 && in.remaining() - 4 >= in.getInt(in.position())) {
                    int length = in.getInt();
                    in.position(in.position() + length);
                    calls.answered(began.remove(), length);
                    calls.start(one);
                    left--;
                }
                in.compact();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        calls.await();
    }

    @Override
    public void close() {
        NioContender.closeQuietly(channel);
    }
}
