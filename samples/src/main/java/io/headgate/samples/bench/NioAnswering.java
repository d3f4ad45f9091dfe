package io.headgate.samples.bench;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The answering end of {@link NioContender}: one connection, one thread. */
final class NioAnswering {

    private static final int BUFFER = 64 * 1024;

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
    private ByteBuffer frame = ByteBuffer.allocateDirect(0);

    NioAnswering(SocketChannel channel) {
        this.channel = channel;
    }

    /** Returns at the end of the connection. */
    void run() throws IOException {
        while (channel.read(in) >= 0) {
            in.flip();
            while (whole()) {
                answer(in.getInt());
            }
            in.compact();
            flush();
        }
        channel.close();
    }

    private boolean whole() {
        return in.remaining() >= 4 && in.remaining() - 4 >= in.getInt(in.position());
    }

    private void answer(int length) throws IOException {
        if (in.get() == NettyPeer.CALL) {
            if (out.remaining() < length + 3) {
                flush();
            }
            out.putInt(length - 1).put(in.slice().limit(length - 1));
            in.position(in.position() + length - 1);
            return;
        }
        send(Download.decode(in));
    }

    private void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    private void send(Download what) throws IOException {
        if (frame.capacity() != what.frame()) {
            frame = ByteBuffer.allocateDirect(what.frame());
        }
        for (long left = what.frames(); left > 0; left--) {
            frame.clear();
            if (what.source() == Source.ZERO) {
                Unpooled.wrappedBuffer(frame).setZero(0, what.frame());
            }
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }
    }
}
