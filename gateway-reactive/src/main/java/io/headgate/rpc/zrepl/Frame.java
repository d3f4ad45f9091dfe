package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * A frame, or a part of one: where frames are cut within a message means nothing, so a reader hands on a long one in the
 * parts that it came in, each as a frame of its own, and only the last of them ends the message.
 *
 * <p><b>Ownership.</b> Who receives a frame owns its payload.
 *
 * @param type what it is part of
 * @param last whether its message ends with it
 * @param payload the bytes; empty for a reset
 */
public record Frame(FrameType type, boolean last, ByteBuf payload) {

    /** Checks that nothing is missing. */
    public Frame {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(payload, "payload");
    }
}
