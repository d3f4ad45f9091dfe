package io.headgate.sync.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Some of the clients of an event loop, who come and go without a search. For that event loop.
 *
 * @param <T> each sits here or nowhere
 */
class Seats<T extends Seats.Seated> {

    /** Somebody who knows where it sits. */
    abstract static class Seated {

        private int seat = -1;
    }

    private final List<T> taken = new ArrayList<>();

    void enter(T guest) {
        Seated seated = guest;
        if (seated.seat < 0) {
            seated.seat = taken.size();
            taken.add(guest);
        }
    }

    /** The last one takes the seat. */
    void leave(T guest) {
        Seated seated = guest;
        if (seated.seat >= 0) {
            T last = taken.remove(taken.size() - 1);
            if (last != guest) {
                taken.set(seated.seat, last);
                ((Seated) last).seat = seated.seat;
            }
            seated.seat = -1;
        }
    }

    int size() {
        return taken.size();
    }

    boolean isEmpty() {
        return taken.isEmpty();
    }

    /** From the end, as whoever leaves meanwhile is replaced by one who had a turn already. */
    void forEach(Consumer<? super T> action) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            if (i < taken.size()) {
                action.accept(taken.get(i));
            }
        }
    }
}
