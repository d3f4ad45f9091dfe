package io.headgate.mux.internal.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;

/** Bytes of a body that wait for window; goes out in as many DATA frames as it takes. */
final class H2Data implements Http2RemoteFlowController.FlowControlled {

    /** Who is told what has left. */
    interface Sender {

        void written(int bytes);

        /** The last frame of the body is out; the stream is about to be closed on this side. */
        void allWritten();
    }

    private final H2Connection connection;
    private final Http2Stream stream;
    private final Sender sender;
    private final ByteBuf chunk;
    private final boolean endStream;

    H2Data(H2Connection connection, Http2Stream stream, Sender sender, ByteBuf chunk, boolean endStream) {
        this.connection = connection;
        this.stream = stream;
        this.sender = sender;
        this.chunk = chunk;
        this.endStream = endStream;
    }

    @Override
    public int size() {
        return chunk.readableBytes();
    }

    @Override
    public void write(ChannelHandlerContext ctx, int allowedBytes) {
        int allowed = allowedBytes;
        int written = 0;
        do {
            int length = Math.min(Math.min(allowed, chunk.readableBytes()), connection.maxFrameSize());
            boolean last = endStream && length == chunk.readableBytes();
            connection.writeDataFrame(stream.id(), chunk, length, last);
            allowed -= length;
            written += length;
        } while (allowed > 0 && chunk.isReadable());
        sender.written(written);
    }

    @Override
    public void writeComplete() {
        chunk.release();
        if (endStream) {
            sender.allWritten();
            connection.ended(stream);
        }
    }

    @Override
    public void error(ChannelHandlerContext ctx, Throwable cause) {
        chunk.release(); // the stream is gone, and its exchange is told of that
    }

    @Override
    public boolean merge(ChannelHandlerContext ctx, Http2RemoteFlowController.FlowControlled next) {
        return false;
    }
}
