package io.headgate.mux.internal;

import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import org.slf4j.Logger;

/** Tells broken networks and peers, which are everyday life, from mistakes of our own, which somebody must hear of. */
public final class Failures {

    private Failures() {}

    /** Whether a failure says no more than that a connection is not there yet; the dial itself tells how it ends. */
    public static boolean isPremature(Channel channel, Throwable cause) {
        return cause instanceof NotYetConnectedException && !channel.isActive();
    }

    public static void log(Logger log, String what, Channel channel, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            log.debug("{} {} failed", what, channel, cause);
        } else {
            log.warn("{} {} failed unexpectedly and is closed", what, channel, cause);
        }
    }
}
