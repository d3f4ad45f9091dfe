package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;

/** What is above the frames. Whatever it throws is a fault of the peer and ends the connection. */
interface FrameSink {

    /** Whether a frame, or more of the payload of one, may come now. A reset comes always. */
    boolean isReady();

    /** The header of a frame; nothing of its payload has been looked at. */
    void frame(FrameType type, boolean last, int length);

    /** More of the payload of the frame, one byte at least; takes ownership. */
    void payload(ByteBuf part);

    /** The peer has cut the connection, or says the last of its goodbyes. */
    void reset();
}
