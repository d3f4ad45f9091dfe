package io.headgate.rpc.wire;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * A frame of our own wire; its types and flags are those of {@code docs/rpc-wire.md}.
 *
 * <p><b>Ownership.</b> Who receives a frame owns its payload.
 *
 * @param type 0x01 HELLO to 0x0a BYE
 * @param flags bits whose meaning depends on the type
 * @param stream of which call it is; zero for the connection
 * @param payload the bytes
 */
public record WireFrame(int type, int flags, int stream, ByteBuf payload) {

    /** Checks that nothing is missing. */
    public WireFrame {
        Objects.requireNonNull(payload, "payload");
    }

    /** Whether nothing of the same direction of its call comes behind it. */
    boolean endsStream() {
        return switch (type) {
            case FrameType.DATA, FrameType.HEADER -> (flags & FrameType.END) != 0;
            case FrameType.TRAILER, FrameType.ERROR, FrameType.CANCEL -> true;
            default -> false;
        };
    }

    @Override
    public String toString() {
        return FrameType.name(type) + " " + flags + " of stream " + stream + ", " + payload.readableBytes() + " bytes";
    }
}
