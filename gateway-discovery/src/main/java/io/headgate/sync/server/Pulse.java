package io.headgate.sync.server;

/**
 * When a client is to be pinged, and whether it has answered in time: the oldest ping without an answer counts. All times are
 * those of one monotonic clock in nanoseconds. For one thread.
 */
final class Pulse {

    private final long timeout;
    private boolean beating;
    private long due;
    private long asked; // when the oldest ping without an answer was sent
    private boolean open; // whether there is one

    Pulse(long timeout) {
        this.timeout = timeout;
    }

    /** Pings may be sent from now on, the first one at that time. */
    void begin(long first) {
        beating = true;
        due = first;
    }

    boolean isDue(long now) {
        return beating && now - due >= 0;
    }

    /** A ping was sent, the next one is for later. */
    void pinged(long now, long next) {
        due = next;
        if (!open) {
            open = true;
            asked = now;
        }
    }

    /** An answer came; how long it took, or negative when nothing was asked. */
    long ponged(long now) {
        if (!open) {
            return -1;
        }
        open = false;
        return now - asked;
    }

    boolean isOverdue(long now) {
        return open && now - asked >= timeout;
    }
}
