package io.headgate.http;

import io.headgate.Attributes;
import io.headgate.Key;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * What is found out about an exchange on its way, for those who observe it as a whole: its route, the endpoint that it went to
 * last, its id. Attributes go down with the exchange, from stage to stage; notes come up.
 *
 * <p>An exchange has notes when somebody observes it, and then all its copies share them. Without an observer a note costs
 * one look at the attributes.
 *
 * <p><b>Threading.</b> Any thread may note and look. A later note of the same key replaces the earlier one, so of a retried
 * exchange the last attempt is known.
 */
public final class ExchangeNotes {

    private static final Key<ExchangeNotes> KEY = Key.of("exchange-notes");

    private static final AtomicReferenceFieldUpdater<ExchangeNotes, Attributes> NOTES =
            AtomicReferenceFieldUpdater.newUpdater(ExchangeNotes.class, Attributes.class, "notes");

    private volatile Attributes notes = Attributes.EMPTY;

    private ExchangeNotes() {}

    /**
     * The attributes of an exchange that is observed, with room for notes.
     *
     * @return new attributes
     */
    public static Attributes attributes() {
        return Attributes.EMPTY.with(KEY, new ExchangeNotes());
    }

    /**
     * Notes something about an exchange, if anybody observes it.
     *
     * @param exchange the exchange, or a copy of it
     * @param key what is noted
     * @param value what it is
     * @param <V> the type of the value
     */
    public static <V> void note(HttpExchange exchange, Key<V> key, V value) {
        ExchangeNotes of = exchange.attributes().get(KEY);
        if (of != null) {
            of.put(key, Objects.requireNonNull(value, "value"));
        }
    }

    /**
     * Looks a note up.
     *
     * @param exchange the exchange, or a copy of it
     * @param key what was noted
     * @param <V> the type of the value
     * @return the last note, or null when there is none
     */
    public static <V> @Nullable V of(HttpExchange exchange, Key<V> key) {
        ExchangeNotes of = exchange.attributes().get(KEY);
        return of == null ? null : of.notes.get(key);
    }

    /**
     * Tells whether there is anybody to note something for.
     *
     * @param exchange the exchange, or a copy of it
     * @return false for an exchange that nobody observes, or that was made in this process
     */
    public static boolean isObserved(HttpExchange exchange) {
        return exchange.attributes().get(KEY) != null;
    }

    private <V> void put(Key<V> key, V value) {
        Attributes before;
        do {
            before = notes;
        } while (before.get(key) != value && !NOTES.compareAndSet(this, before, before.with(key, value)));
    }
}
