package io.headgate.rpc.wire;

import io.headgate.rpc.RpcSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the banner and the HELLO, and then hands each frame to whom it concerns. */
final class Router implements FrameDecoder.Sink {

    private final WireConnection connection;
    private final Banner banner = new Banner();
    private final FrameDecoder decoder;
    private @Nullable Hello peer;
    private boolean begun;

    Router(WireConnection connection, ByteBufAllocator allocator, RpcSettings settings) {
        this.connection = connection;
        this.decoder = new FrameDecoder(allocator, settings.maxFrame(), settings.maxHeader(), this);
    }

    boolean hasBegun() {
        return begun;
    }

    void begin() {
        begun = true;
    }

    boolean isGreeted() {
        return peer != null;
    }

    Hello peer() {
        return Objects.requireNonNull(peer);
    }

    void feed(ByteBuf in) {
        if (banner.feed(in)) {
            decoder.feed(in);
        }
    }

    void stop() {
        decoder.stop();
    }

    /** What is missing when the byte stream ends now; empty when nothing is. */
    String missing() {
        return decoder.isMidFrame() ? decoder.describeMissing() : "";
    }

    @Override
    public void onFrame(int type, int flags, int stream, ByteBuf payload) {
        if (connection.watch().isOn()) {
            connection.watch().frame(true, type, stream, payload.readableBytes());
        }
        if (peer == null) {
            greet(type, stream, payload);
            return;
        }
        if (type == FrameType.DATA) {
            onData(flags, stream, payload);
            return;
        }
        connection.calls().startFresh();
        if (stream == 0) {
            onConnection(type, flags, payload);
        } else {
            onStream(type, flags, stream, payload);
        }
    }

    @Override
    public boolean begins(int type, int flags, int stream, int length) {
        if (type != FrameType.DATA
                || (flags & ~FrameType.END) != 0
                || !connection.calls().flows(stream)) {
            return false;
        }
        if (connection.watch().isOn()) {
            connection.watch().frame(true, type, stream, length);
        }
        return true;
    }

    @Override
    public void onPiece(int flags, int stream, ByteBuf piece) {
        onData(flags, stream, piece);
    }

    private void greet(int type, int stream, ByteBuf payload) {
        if (type == FrameType.ERROR && stream == 0) {
            connection.lifecycle().onPeerAbort(Frames.readError(payload));
            return;
        }
        if (type != FrameType.HELLO || stream != 0) {
            throw new WireViolation(
                    "first frame: " + FrameType.name(type) + " of stream " + stream + " (expected: HELLO of stream 0)");
        }
        Hello said = Hello.read(payload);
        peer = said;
        connection.sends().open(said, connection.settings().maxFrame());
        connection.lifecycle().greeted();
        connection.calls().open();
    }

    private void onData(int flags, int stream, ByteBuf payload) {
        connection.received(payload.readableBytes());
        if (connection.calls().startFresh(FrameType.DATA, flags, stream, payload)) {
            return;
        }
        WireStream call = connection.calls().find(stream, FrameType.DATA);
        if (call == null) {
            connection.consumed(payload.readableBytes());
        } else {
            call.onData(flags, payload);
        }
    }

    private void onStream(int type, int flags, int stream, ByteBuf payload) {
        if (type == FrameType.HEADER) {
            connection.calls().onHeader(flags, stream, payload);
            return;
        }
        if (type != FrameType.TRAILER
                && type != FrameType.ERROR
                && type != FrameType.CANCEL
                && type != FrameType.CREDIT) {
            throw new WireViolation(
                    "stream id of " + FrameType.name(type) + ": " + stream + " (expected: 0, it is the connection's)");
        }
        WireStream call = connection.calls().find(stream, type);
        if (call == null) {
            return;
        }
        switch (type) {
            case FrameType.TRAILER -> call.onTrailer(Frames.readTrailer(payload));
            case FrameType.ERROR -> call.onError(Frames.readError(payload), (flags & FrameType.UNPROCESSED) != 0);
            case FrameType.CREDIT -> {
                need(payload, 8);
                call.onCredit(payload.readUnsignedInt(), payload.readInt());
            }
            default -> call.onCancel();
        }
    }

    private void onConnection(int type, int flags, ByteBuf payload) {
        switch (type) {
            case FrameType.ERROR -> connection.lifecycle().onPeerAbort(Frames.readError(payload));
            case FrameType.CREDIT -> {
                need(payload, 8);
                payload.skipBytes(4);
                connection.sends().credit(payload.readInt());
            }
            case FrameType.PING -> {
                need(payload, 8);
                long data = payload.readLong();
                if ((flags & FrameType.ACK) != 0) {
                    connection.liveness().answered(data);
                } else if (!connection.lifecycle().hasSaidBye()) {
                    connection.writer().pong(data);
                }
            }
            case FrameType.GOAWAY -> {
                if (payload.readableBytes() < 4) {
                    throw Frames.tooShort("GOAWAY", payload, 4);
                }
                int last = payload.readInt();
                connection.lifecycle().onGoAway(last, Texts.received(payload, payload.readableBytes()));
            }
            case FrameType.BYE -> connection.lifecycle().onBye();
            default ->
                throw new WireViolation("stream id of " + FrameType.name(type) + ": 0 (expected: "
                        + (type == FrameType.HELLO ? "no second HELLO" : "that of a call") + ")");
        }
    }

    private static void need(ByteBuf payload, int bytes) {
        if (payload.readableBytes() != bytes) {
            throw Frames.tooShort("CREDIT or PING", payload, bytes);
        }
    }
}
