package io.headgate.balance.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait for an endpoint, first in, first out, and the gate before them: when one has waited for too long and nobody was
 * ready meanwhile, the gate shuts, those who wait leave, and nobody may join until it opens. Who takes somebody out of the line,
 * and nobody else, decides what becomes of him.
 *
 * <p>Joining and leaving take a short lock; looking whether there is a line is a read.
 */
public final class WaitLine<W> {

    /** What became of somebody who wanted to join. */
    public enum Entry {
        /** The line was empty. */
        FIRST,
        BEHIND,
        FULL,
        SHUT
    }

    /** A place in a line. */
    public static final class Place<W> {

        private final W waiter;
        private @Nullable Place<W> before;
        private @Nullable Place<W> after;
        private boolean taken;

        public Place(W waiter) {
            this.waiter = waiter;
        }

        public W waiter() {
            return waiter;
        }
    }

    private final int capacity;
    private final long patience;
    private @Nullable Place<W> head;
    private @Nullable Place<W> tail;
    private long since; // the first one joined, or the last one was served
    private volatile int size;
    private volatile boolean shut;
    private volatile long timesShut;
    private volatile long timesOpened;

    /**
     * An empty line behind an open gate.
     *
     * @param patience nanoseconds without anybody being served, after which the gate shuts
     */
    public WaitLine(int capacity, long patience) {
        this.capacity = capacity;
        this.patience = patience;
    }

    public int size() {
        return size;
    }

    public boolean isShut() {
        return shut;
    }

    public long timesShut() {
        return timesShut;
    }

    public long timesOpened() {
        return timesOpened;
    }

    public synchronized Entry join(Place<W> place, long now) {
        if (shut) {
            return Entry.SHUT;
        }
        if (size >= capacity) {
            return Entry.FULL;
        }
        place.taken = true;
        place.before = tail;
        if (tail == null) {
            head = place;
            since = now;
        } else {
            tail.after = place;
        }
        tail = place;
        size = size + 1;
        return size == 1 ? Entry.FIRST : Entry.BEHIND;
    }

    /** Takes somebody out; false when he is out already. */
    public synchronized boolean leave(Place<W> place) {
        if (!place.taken) {
            return false;
        }
        place.taken = false;
        Place<W> previous = place.before;
        Place<W> next = place.after;
        if (previous == null) {
            head = next;
        } else {
            previous.after = next;
        }
        if (next == null) {
            tail = previous;
        } else {
            next.before = previous;
        }
        place.before = null;
        place.after = null;
        size = size - 1;
        return true;
    }

    /** The first one leaves to be served. */
    public synchronized boolean serve(Place<W> place, long now) {
        since = now;
        return leave(place);
    }

    public synchronized @Nullable Place<W> first() {
        return head;
    }

    /** Takes out those who meet a condition. */
    public synchronized List<W> leaveIf(Predicate<? super W> condition) {
        List<W> out = new ArrayList<>();
        for (Place<W> place = head; place != null; ) {
            Place<W> next = place.after;
            if (condition.test(place.waiter)) {
                leave(place);
                out.add(place.waiter);
            }
            place = next;
        }
        return out;
    }

    /** Shuts the gate if it is time to, and takes all out. */
    public synchronized List<W> shutIfOverdue(long now) {
        if (shut || size == 0 || now - since < patience) {
            return List.of();
        }
        shut = true;
        timesShut = timesShut + 1;
        return leaveIf(waiter -> true);
    }

    /** Somebody is ready: opens the gate if it is shut. */
    public synchronized void open() {
        if (shut) {
            shut = false;
            timesOpened = timesOpened + 1;
        }
    }
}
