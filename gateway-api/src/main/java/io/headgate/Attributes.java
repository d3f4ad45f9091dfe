package io.headgate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from typed {@link Key}s to values, made for a handful of entries: what stages tell each other about
 * an exchange. Any thread may read it. The empty map is a constant; each {@link #with} copies one small array.
 */
public final class Attributes {

    /** No attributes. */
    public static final Attributes EMPTY = new Attributes(new Object[0]);

    private final Object[] entries; // key, value, key, value

    private Attributes(Object[] entries) {
        this.entries = entries;
    }

    /**
     * Looks a value up.
     *
     * @param key the key
     * @param <V> the type of the value
     * @return the value, or null when there is none
     */
    @SuppressWarnings("unchecked") // with() stored a V under this very key
    public <V> @Nullable V get(Key<V> key) {
        int at = indexOf(key);
        return at < 0 ? null : (V) entries[at + 1];
    }

    /**
     * A copy with one value set.
     *
     * @param key the key
     * @param value the value; replaces an earlier one
     * @param <V> the type of the value
     * @return the copy
     */
    public <V> Attributes with(Key<V> key, V value) {
        int at = indexOf(key);
        Object[] copy = Arrays.copyOf(entries, at < 0 ? entries.length + 2 : entries.length);
        int target = at < 0 ? entries.length : at;
        copy[target] = key;
        copy[target + 1] = value;
        return new Attributes(copy);
    }

    /**
     * How many attributes there are.
     *
     * @return zero or more
     */
    public int size() {
        return entries.length / 2;
    }

    private int indexOf(Key<?> key) {
        for (int i = 0; i < entries.length; i += 2) {
            if (entries[i] == key) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < entries.length; i += 2) {
            text.append(i == 0 ? "" : ", ").append(entries[i]).append('=').append(entries[i + 1]);
        }
        return text.append('}').toString();
    }
}
