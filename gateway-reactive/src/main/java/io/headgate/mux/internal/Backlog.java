package io.headgate.mux.internal;

import io.netty.channel.Channel;

/** Looks, once per tick, whether a socket that is behind is catching up: a slow peer is not a stalled one. */
public final class Backlog {

    private long before;

    /** Whether fewer bytes wait than at the last look. */
    public boolean hasShrunk(Channel channel) {
        long bytes = channel.bytesBeforeWritable();
        boolean shrunk = bytes < before;
        before = bytes;
        return shrunk;
    }
}
