package io.headgate.rpc.wire;

/**
 * How many bytes the other side may still send, and how many it must be given back. Given back by halves of the window, so
 * that a frame of at most half of it always finds room once everything is consumed.
 */
final class ReceiveWindow {

    private final int size;
    private long available;
    private long owed;

    ReceiveWindow(int size) {
        this.size = size;
        this.available = size;
    }

    /**
     * Bytes came.
     *
     * @return false when they are more than there was room for
     */
    boolean received(int bytes) {
        available -= bytes;
        return available >= 0;
    }

    /** Bytes are not held any more. */
    void consumed(int bytes) {
        owed += bytes;
    }

    /** Whether it is time to give bytes back. */
    boolean isDue() {
        return owed >= Math.max(size / 2, 1);
    }

    /** What to give back now. */
    int grant() {
        long granted = owed;
        owed = 0;
        available += granted;
        return (int) granted;
    }

    /** What has not been given back yet. */
    long owed() {
        return owed;
    }

    /** Bytes that came and were not consumed. */
    long held() {
        return size - available - owed;
    }
}
