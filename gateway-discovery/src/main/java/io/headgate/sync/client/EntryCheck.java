package io.headgate.sync.client;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves out what a client does not understand, and keeps the rest: a server that is newer than its client has keys and values that the
 * client knows nothing of. The first of each kind on a connection is logged, all are counted.
 */
final class EntryCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SyncClient.class);

    private final SyncClientSpec spec;
    private final ClientCounts counts;

    /** The server sends keys that were not asked for. */
    private final boolean filters;

    private boolean saidKey;
    private boolean saidValue;

    EntryCheck(SyncClientSpec spec, ClientCounts counts, boolean filters) {
        this.spec = spec;
        this.counts = counts;
        this.filters = filters;
    }

    /** What the consumer is told of some updates, or null when that is nothing. As a rule all make sense, and nothing is copied. */
    SyncEvent.@Nullable Updates checked(List<SyncUpdate> updates) {
        counts.updates.add(updates.size());
        List<SyncUpdate> changed = null;
        for (int i = 0; i < updates.size(); i++) {
            SyncUpdate update = updates.get(i);
            SyncUpdate kept = checked(update);
            if (changed == null && kept != update) {
                changed = new ArrayList<>(updates.subList(0, i));
            }
            if (changed != null && kept != null) {
                changed.add(kept);
            }
        }
        List<SyncUpdate> told = changed == null ? updates : changed;
        return told.isEmpty() ? null : new SyncEvent.Updates(told);
    }

    /** The update itself, a deletion in its place, or null when it is left out. */
    private @Nullable SyncUpdate checked(SyncUpdate update) {
        if (filters && spec.prefixes().stream().noneMatch(update.key()::startsWith) || !makesSense(update.key())) {
            return null;
        }
        return !update.isPresent() || isValid(update)
                ? update
                : new SyncUpdate(
                        update.key(),
                        null,
                        update.revision(),
                        update.resourceVersion(),
                        update.ttl(),
                        UpdateType.DELETED);
    }

    private boolean makesSense(String key) {
        Throwable cause = null;
        try {
            if (spec.keys().test(key)) {
                return true;
            }
        } catch (RuntimeException unreadable) {
            cause = unreadable;
        }
        counts.skippedKeys.increment();
        if (!saidKey) {
            saidKey = true;
            LOG.warn(
                    "key {} left out, and perhaps others; that is normal while servers are newer: {}",
                    key,
                    String.valueOf(cause));
        }
        return false;
    }

    private boolean isValid(SyncUpdate update) {
        Throwable cause = null;
        try {
            if (spec.values().test(update)) {
                return true;
            }
        } catch (RuntimeException unreadable) {
            cause = unreadable;
        }
        counts.badValues.increment();
        if (!saidValue) {
            saidValue = true;
            LOG.warn("value of {} taken for a deletion, and perhaps others: {}", update.key(), String.valueOf(cause));
        }
        return false;
    }
}
