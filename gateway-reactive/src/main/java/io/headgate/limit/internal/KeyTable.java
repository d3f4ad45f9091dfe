package io.headgate.limit.internal;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * State by key, for keys that strangers choose: a bounded number of entries, and one more that all keys share which
 * come when there is no room. An entry that is as good as new is forgotten when room is needed: each new key looks at
 * a few of the old ones, so that no call pays for all of them. Finding the entry of a known key takes no lock and
 * allocates nothing.
 *
 * @param <V> the state of a key
 */
public final class KeyTable<V extends KeyTable.Entry> {

    /** The state of one key. */
    public interface Entry {

        /**
         * Retires the entry when it is as good as new; a retired one must not be used any more and says so to those
         * who try.
         *
         * @param now the time, as the owner of the table counts it
         * @return true when it is retired
         */
        boolean retire(long now);
    }

    private static final int LOOKS = 4;
    private static final int LOOKS_WHEN_FULL = 32;

    private final int most;
    private final LongFunction<V> factory;
    private final V strangers;
    private final ConcurrentHashMap<Object, V> entries = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final LongAdder shared = new LongAdder();
    private final AtomicBoolean looking = new AtomicBoolean();
    private @Nullable Iterator<Map.Entry<Object, V>> cursor; // of the one who looks

    /**
     * A table without entries.
     *
     * @param most how many keys it has room for
     * @param factory makes the state of a key that is new at some time
     * @param now the time
     */
    public KeyTable(int most, LongFunction<V> factory, long now) {
        this.most = most;
        this.factory = factory;
        this.strangers = factory.apply(now);
    }

    /**
     * Finds the entry of a key, or makes it. The entry may be retired by the time that it is used: then
     * {@link #forget} it and ask again.
     *
     * @param key the key
     * @param now the time
     * @return its entry, or the one that is shared when there is no room
     */
    public V get(Object key, long now) {
        V known = entries.get(key);
        return known != null ? known : add(key, now);
    }

    private V add(Object key, long now) {
        lookForIdle(now, size.get() < most ? LOOKS : LOOKS_WHEN_FULL);
        if (size.incrementAndGet() > most) {
            size.decrementAndGet();
            shared.increment();
            return strangers;
        }
        V made = factory.apply(now);
        V other = entries.putIfAbsent(key, made);
        if (other != null) {
            size.decrementAndGet();
            return other;
        }
        return made;
    }

    /**
     * Takes a retired entry out.
     *
     * @param key its key
     * @param entry the entry
     */
    public void forget(Object key, V entry) {
        if (entries.remove(key, entry)) {
            size.decrementAndGet();
        }
    }

    /** One thread at a time; the others have better things to do. */
    private void lookForIdle(long now, int looks) {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        try {
            Iterator<Map.Entry<Object, V>> at = cursor;
            for (int i = 0; i < looks; i++) {
                if (at == null || !at.hasNext()) {
                    at = entries.entrySet().iterator();
                    if (!at.hasNext()) {
                        break;
                    }
                }
                Map.Entry<Object, V> entry = at.next();
                if (entry.getValue().retire(now)) {
                    forget(entry.getKey(), entry.getValue());
                }
            }
            cursor = at;
        } finally {
            looking.set(false);
        }
    }

    /**
     * How many keys have an entry of their own.
     *
     * @return zero or more
     */
    public int size() {
        return size.get();
    }

    /**
     * How many calls got the shared entry because there was no room.
     *
     * @return zero or more, since the beginning
     */
    public long shared() {
        return shared.sum();
    }

    /**
     * The entry that keys share for which there is no room.
     *
     * @return always the same
     */
    public V strangers() {
        return strangers;
    }
}
