package io.headgate.mux.internal;

import io.netty.channel.Channel;

/** Looks, once per tick, whether a socket that is behind is catching up: a slow peer is not a stalled one. */
public final class Backlog {

    private long before;
    private long acknowledged = -1;

    /** How many bytes the peer has taken since the last look; what has just left memory where that is not known. */
    public int moved(Channel channel) {
        long taken = KernelTcp.acknowledged(channel);
        long moved;
        if (taken >= 0) {
            moved = acknowledged < 0 ? 0 : taken - acknowledged;
            acknowledged = taken;
        } else {
            long bytes = channel.bytesBeforeWritable();
            moved = before - bytes;
            before = bytes;
        }
        return (int) Math.max(0, Math.min(moved, Integer.MAX_VALUE));
    }

    /** Whether a connection from which nobody reads at present has been reset by the peer. */
    public static boolean isReset(Channel channel) {
        return KernelTcp.isReset(channel);
    }
}
