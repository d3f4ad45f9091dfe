package io.headgate.sync.server;

/** Whether bytes that wait for a client move. Looked at now and then. For one thread. */
final class Progress {

    private final long timeout;
    private long waiting;
    private long moved; // of the buffer that is being written
    private long since; // when bytes were last seen to move, or to begin to wait

    Progress(long timeout) {
        this.timeout = timeout;
    }

    /**
     * Tells how it is now.
     *
     * @param bytes how many wait
     * @param part how many of the first buffer were taken
     * @return whether nothing has moved for too long
     */
    boolean isStuck(long bytes, long part, long now) {
        if (bytes == 0 || bytes < waiting || waiting == 0 || part != moved) {
            since = now;
        }
        waiting = bytes;
        moved = part;
        return bytes > 0 && now - since >= timeout;
    }
}
