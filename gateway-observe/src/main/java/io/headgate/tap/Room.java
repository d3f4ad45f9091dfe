package io.headgate.tap;

import java.util.concurrent.atomic.AtomicLong;

/** The room for what waits for an observer: so many events, and so many bytes. Any thread may claim. */
final class Room {

    private static final int BYTE_BITS = 40;
    private static final long EVENT = 1L << BYTE_BITS;

    private final int events;
    private final long bytes;
    private final AtomicLong used = new AtomicLong(); // events above the bytes, so that both are claimed at once

    Room(int events, long bytes) {
        this.events = events;
        this.bytes = bytes;
    }

    /** Claims a place for an event, unless there is none. One that is longer than all the room fits when nothing else waits. */
    boolean claim(int length) {
        long now = used.get();
        while (fits(now, length)) {
            if (used.compareAndSet(now, now + EVENT + length)) {
                return true;
            }
            now = used.get();
        }
        return false;
    }

    private boolean fits(long now, int length) {
        long held = now & EVENT - 1;
        return now >>> BYTE_BITS < events && (length == 0 || held == 0 || held + length <= bytes);
    }

    /** Takes a place whether or not there is one. */
    void take(int length) {
        used.addAndGet(EVENT + length);
    }

    /** Gives a place back. */
    void leave(int length) {
        used.addAndGet(-(EVENT + length));
    }
}
