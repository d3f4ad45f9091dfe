package io.headgate.sync.client;

import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What is known under one name, and who wants to know. Subscribers are not sent states, they look at this one: so nothing waits for a
 * slow one, and whoever looks sees the latest.
 *
 * @param <S> the states
 */
final class NamedState<S> {

    final String name;

    private final CopyOnWriteArrayList<StateSubscription<S>> subscribers = new CopyOnWriteArrayList<>();

    /** Null until the set has said something. */
    private volatile @Nullable S state;

    // Guarded by the names.

    /** Whether the set has an entry of this name. */
    boolean isPresent;

    /** Which telling of the whole set has named it last. */
    int round;

    /** What its entry says makes no sense; the state is that of the last one that did. */
    @Nullable Throwable nonsense;

    NamedState(String name) {
        this.name = name;
    }

    @Nullable S state() {
        return state;
    }

    void state(S changed) {
        state = changed;
    }

    void tell() {
        subscribers.forEach(StateSubscription::drain);
    }

    void add(StateSubscription<S> subscriber) {
        subscribers.add(subscriber);
    }

    boolean remove(StateSubscription<S> subscriber) {
        return subscribers.remove(subscriber);
    }

    boolean isWanted() {
        return !subscribers.isEmpty();
    }
}
