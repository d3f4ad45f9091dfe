package io.headgate.route;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A map whose keys are looked up by a part of a text, without a copy of it: open addressing over strings of ASCII. A key and
 * its value lie side by side in one array, because what a lookup among many routes costs is how many places in memory it
 * has to look at. Filled by one thread, read by any once it has been published.
 */
class RegionMap<V> {

    private static final @Nullable Object[] NOTHING = {};
    private static final int FIRST_KEYS = 2;

    private final boolean ignoresCase;
    private @Nullable Object[] slots = NOTHING; // key, value, key, value
    private int size;
    private int longest;

    RegionMap(boolean ignoresCase) {
        this.ignoresCase = ignoresCase;
    }

    final @Nullable V get(String text) {
        return get(text, 0, text.length());
    }

    @SuppressWarnings("unchecked") // put() stored a V beside each key
    final @Nullable V get(String text, int start, int end) {
        int length = end - start;
        if (length > longest || size == 0) {
            return null;
        }
        @Nullable Object[] all = slots;
        int mask = all.length - 1;
        for (int slot = hash(text, start, end) << 1 & mask; ; slot = slot + 2 & mask) {
            String key = (String) all[slot];
            if (key == null) {
                return null;
            }
            if (key.length() == length && text.regionMatches(ignoresCase, start, key, 0, length)) {
                return (V) all[slot + 1];
            }
        }
    }

    final V computeIfAbsent(String key, Supplier<V> factory) {
        V known = get(key);
        if (known != null) {
            return known;
        }
        if ((size + 1) * 4 > slots.length) {
            grow();
        }
        V made = factory.get();
        put(key, made);
        size++;
        longest = Math.max(longest, key.length());
        return made;
    }

    private void grow() {
        @Nullable Object[] old = slots;
        slots = new @Nullable Object[Math.max(2 * FIRST_KEYS, old.length * 2)];
        for (int slot = 0; slot < old.length; slot += 2) {
            if (old[slot] instanceof String key) {
                put(key, old[slot + 1]);
            }
        }
    }

    private void put(String key, @Nullable Object value) {
        int mask = slots.length - 1;
        int slot = hash(key, 0, key.length()) << 1 & mask;
        while (slots[slot] != null) {
            slot = slot + 2 & mask;
        }
        slots[slot] = key;
        slots[slot + 1] = value;
    }

    private int hash(String text, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            hash = 31 * hash + (ignoresCase ? c | 0x20 : c); // equal for letters of either case
        }
        int mixed = hash * 0x9E3779B9;
        return mixed ^ mixed >>> 16;
    }
}
