package io.headgate.rpc.zrepl;

import io.netty.buffer.ByteBuf;

/** What is above the messages. Whatever it throws is a fault of the peer and ends the connection. */
interface MessageSink {

    /** Whether a message, or more of one, may come now. A reset comes always. */
    boolean isReady();

    /** A header message. */
    void head(CallHeader header);

    /** More of a data message; takes ownership. */
    void data(ByteBuf part);

    /** The end of a data message. */
    void dataEnds();

    /** The peer has cut the connection, or says the last of its goodbyes. */
    void reset();
}
