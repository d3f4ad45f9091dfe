package io.headgate.rpc.zrepl;

/**
 * Since when nothing has moved although it might. Only what the peer holds up counts: bytes that are waited for, or bytes that
 * do not leave. Looked at once per tick.
 */
final class Progress {

    private long movedAt;
    private long unwritten;
    private long stuckAt = Long.MAX_VALUE;

    /** Bytes came, or room was made for more. */
    void moved(long now) {
        movedAt = now;
    }

    /**
     * Looks again.
     *
     * @param waits whether bytes of the peer are waited for
     * @param stillUnwritten how far what waits to be written is above what may wait; zero when it is not
     */
    void look(long now, boolean waits, long stillUnwritten) {
        long before = unwritten;
        unwritten = stillUnwritten;
        if (!waits && unwritten == 0) {
            stuckAt = Long.MAX_VALUE;
        } else if (stuckAt == Long.MAX_VALUE || unwritten != before) {
            stuckAt = now;
        } else if (movedAt - stuckAt > 0) {
            stuckAt = movedAt;
        }
    }

    /** The time when it stopped, or the greatest number while it moves. */
    long stuckAt() {
        return stuckAt;
    }
}
