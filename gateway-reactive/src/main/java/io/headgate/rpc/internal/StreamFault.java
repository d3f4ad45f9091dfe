package io.headgate.rpc.internal;

import io.netty.handler.codec.DecoderException;

/** What broke a byte stream, below the frames. */
public final class StreamFault {

    /** TLS quotes all that it could not read. */
    private static final int MAX_TEXT = 200;

    private StreamFault() {}

    /** The fault without the wrapper in which Netty throws what TLS cannot read: a fault of its own code looks like that. */
    public static Throwable of(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return thrown instanceof DecoderException && cause != null ? cause : thrown;
    }

    /** The fault for people, cut. */
    public static String text(Throwable fault) {
        return ErrorText.cut(fault.toString(), MAX_TEXT);
    }
}
