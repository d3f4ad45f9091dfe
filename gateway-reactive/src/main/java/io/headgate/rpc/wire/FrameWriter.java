package io.headgate.rpc.wire;

import io.headgate.Trait;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;

/** Writes the small frames of a connection, and tells its observer of them. */
final class FrameWriter {

    private final WireConnection connection;

    FrameWriter(WireConnection connection) {
        this.connection = connection;
    }

    /** A frame is about to be written. */
    void write(int type, int stream, int length) {
        if (connection.watch().isOn()) {
            connection.watch().frame(false, type, stream, length);
        }
        connection.written();
    }

    void hello() {
        ByteBuf out = connection.output().small(128);
        int start = out.writerIndex();
        Frames.header(out, 0, FrameType.HELLO, 0, 0);
        connection.own().write(out);
        int length = out.writerIndex() - start - FrameDecoder.HEADER_BYTES;
        out.setInt(start, length);
        write(FrameType.HELLO, 0, length);
    }

    /** The text of a failure, as long as it may be. */
    String text(RpcException failure) {
        String message = failure.getMessage();
        return Texts.cut(message == null ? "" : message, connection.settings().maxErrorText());
    }

    void error(int id, RpcException failure) {
        String text = text(failure);
        write(FrameType.ERROR, id, 1 + text.length());
        Frames.error(
                connection.output().small(FrameDecoder.HEADER_BYTES + 1 + text.length() * 3),
                failure.is(Trait.RETRYABLE) ? FrameType.UNPROCESSED : 0,
                id,
                failure.rpcStatus(),
                text);
    }

    void trailer(int id, RpcStatus status, String text, Fields trailers) {
        int size = Frames.trailerSize(text, trailers);
        write(FrameType.TRAILER, id, size);
        Frames.trailer(connection.output().small(FrameDecoder.HEADER_BYTES + size), id, status, text, trailers);
    }

    void cancel(int id) {
        write(FrameType.CANCEL, id, 0);
        Frames.cancel(connection.output().small(FrameDecoder.HEADER_BYTES), id);
    }

    void ping(long data) {
        write(FrameType.PING, 0, 8);
        Frames.ping(connection.output().small(18), 0, data);
    }

    void pong(long data) {
        write(FrameType.PING, 0, 8);
        Frames.ping(connection.output().small(18), FrameType.ACK, data);
    }

    void goAway(String reason) {
        write(FrameType.GOAWAY, 0, 4 + reason.length());
        Frames.goAway(
                connection.output().small(14 + reason.length() * 3),
                connection.calls().lastPeerId(),
                reason);
    }

    void bye() {
        write(FrameType.BYE, 0, 0);
        Frames.header(connection.output().small(FrameDecoder.HEADER_BYTES), 0, FrameType.BYE, 0, 0);
    }

    void fatal(String reason) {
        String text = Texts.cut(reason, connection.settings().maxErrorText());
        write(FrameType.ERROR, 0, 1 + text.length());
        Frames.error(connection.output().small(11 + text.length() * 3), 0, 0, RpcStatus.UNAVAILABLE, text);
    }
}
