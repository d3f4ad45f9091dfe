package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;

/** A message, or a part of one. */
public sealed interface MessagePart {

    /**
     * A header message.
     *
     * @param header what it says
     */
    record Head(CallHeader header) implements MessagePart {}

    /**
     * A part of a data message; where it is cut means nothing.
     *
     * @param payload the bytes; who receives the part owns them
     */
    record Data(ByteBuf payload) implements MessagePart {}

    /** The end of a data message. */
    record End() implements MessagePart {}

    /** The peer has cut the connection, or says the last of its goodbyes. */
    record Reset() implements MessagePart {}
}
