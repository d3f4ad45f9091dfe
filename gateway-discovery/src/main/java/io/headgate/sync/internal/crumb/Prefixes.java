package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncUpdate;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * A set of prefixes of keys, none of which covers another.
 *
 * <p>Immutable; equal when it lets the same keys through.
 */
final class Prefixes {

    private final TreeSet<String> starts = new TreeSet<>();

    /** Of some prefixes; no prefix at all lets nothing through, an empty one everything. */
    Prefixes(Collection<String> prefixes) {
        for (String prefix : new TreeSet<>(prefixes)) {
            if (!covers(prefix)) {
                starts.add(prefix);
            }
        }
    }

    /** Whether a key, or a longer prefix, begins with one of these. */
    boolean covers(String key) {
        String nearest = starts.floor(
                key); // whatever lies between a prefix and a key of it begins with that prefix, so is not here
        return nearest != null && key.startsWith(nearest);
    }

    boolean coversAll() {
        return covers("");
    }

    /** Those updates that it lets through. */
    List<SyncUpdate> filter(List<SyncUpdate> updates) {
        return updates.stream().filter(update -> covers(update.key())).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Prefixes prefixes && starts.equals(prefixes.starts);
    }

    @Override
    public int hashCode() {
        return starts.hashCode();
    }

    @Override
    public String toString() {
        return starts.toString();
    }
}
