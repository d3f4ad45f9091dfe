package io.headgate.route;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A map whose keys are looked up by a part of a text, without a copy of it: open addressing over strings of ASCII. Filled
 * by one thread, read by any once it has been published.
 */
final class RegionMap<V> {

    private static final int FIRST_SIZE = 4;

    private final boolean ignoresCase;
    private @Nullable String[] keys = new @Nullable String[FIRST_SIZE];
    private final List<V> values = new ArrayList<>();
    private int[] positions = new int[FIRST_SIZE]; // in values, for each slot
    private int longest;

    RegionMap(boolean ignoresCase) {
        this.ignoresCase = ignoresCase;
    }

    @Nullable V get(String text) {
        return get(text, 0, text.length());
    }

    @Nullable V get(String text, int start, int end) {
        int length = end - start;
        if (length > longest || values.isEmpty()) {
            return null;
        }
        int mask = keys.length - 1;
        for (int slot = hash(text, start, end) & mask; ; slot = slot + 1 & mask) {
            String key = keys[slot];
            if (key == null) {
                return null;
            }
            if (key.length() == length && text.regionMatches(ignoresCase, start, key, 0, length)) {
                return values.get(positions[slot]);
            }
        }
    }

    V computeIfAbsent(String key, Supplier<V> factory) {
        V known = get(key);
        if (known != null) {
            return known;
        }
        if ((values.size() + 1) * 2 > keys.length) {
            grow();
        }
        V made = factory.get();
        values.add(made);
        longest = Math.max(longest, key.length());
        insert(key, values.size() - 1);
        return made;
    }

    List<V> values() {
        return values;
    }

    private void grow() {
        @Nullable String[] oldKeys = keys;
        int[] oldPositions = positions;
        keys = new @Nullable String[oldKeys.length * 2];
        positions = new int[keys.length];
        for (int slot = 0; slot < oldKeys.length; slot++) {
            String key = oldKeys[slot];
            if (key != null) {
                insert(key, oldPositions[slot]);
            }
        }
    }

    private void insert(String key, int position) {
        int mask = keys.length - 1;
        int slot = hash(key, 0, key.length()) & mask;
        while (keys[slot] != null) {
            slot = slot + 1 & mask;
        }
        keys[slot] = key;
        positions[slot] = position;
    }

    private int hash(String text, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            hash = 31 * hash + (ignoresCase ? c | 0x20 : c); // equal for letters of either case
        }
        return spread(hash);
    }

    private static int spread(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ mixed >>> 16;
    }

    /** Spreads a number evenly over 0 to 1: the finaliser of SplitMix64. */
    static double unit(long seed) {
        long z = seed + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return ((z ^ z >>> 31) >>> 11) * 0x1.0p-53;
    }
}
