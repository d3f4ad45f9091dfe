package io.headgate.mux.internal.h1;

import io.netty.channel.Channel;

/** Whether an HTTP/1.1 connection, either side, is read from: a peer that is ahead waits for the consumer of what it sends. */
final class H1Input {

    private final Channel channel;
    private final int bound;
    private boolean open = true;

    /**
     * @param bound how many bytes may wait for their consumer
     */
    H1Input(Channel channel, int bound) {
        this.channel = channel;
        this.bound = bound;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether too much waits to read on; what was stopped goes on at half of it, so that it is not stopped again at once. */
    boolean isBehind(int unread) {
        return unread > (open ? bound : bound / 2);
    }

    void open(boolean wanted) {
        if (wanted != open) {
            open = wanted;
            channel.config().setAutoRead(wanted);
        }
    }
}
