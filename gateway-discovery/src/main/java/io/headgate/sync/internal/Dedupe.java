package io.headgate.sync.internal;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one consumer of a set has yet to be told. However slow it is, no key waits twice: an update of a key that waits takes the place of
 * the one before it, and a key that goes before it was told is not told at all. Statuses keep their place between the updates.
 *
 * <p>What an update is to the consumer is found out here: an entry is new when the consumer does not know it, else updated, and without a
 * value it is a deletion.
 *
 * <p>After {@link #restart} the source tells its set once more. Keys that it does not name until it is in sync have vanished: their
 * deletions are made up and told before the status.
 *
 * <p>Each update costs the same however many there are. What waits is bounded by the size of the set and {@link #MAX_UNKNOWN}.
 *
 * <p><b>Threading.</b> One thread at a time, for its owner to see to.
 */
public final class Dedupe {

    /** How many updates are told at once. */
    public static final int BATCH = 100;

    /** Deletions of keys that were never told are passed on, but not more than this many wait at a time. */
    public static final int MAX_UNKNOWN = 1_000;

    private final Map<String, Waiting.Key> keys = new HashMap<>();
    private final Waiting queue = new Waiting();

    /** What the consumer believes, and what it will believe once it has been told everything that waits. */
    private SyncStatus told = SyncStatus.WAIT_FOR_DATASTORE;

    private SyncStatus latest = SyncStatus.WAIT_FOR_DATASTORE;

    /** Two at most: the older one keeps its place, or whoever is always behind would never hear. */
    private Waiting.@Nullable Heard heard;

    private Waiting.@Nullable Heard heardSince;

    private int round;
    private int unseen;
    private int waiting;
    private int unknown;
    private long folded;

    /** Takes what the source says. */
    public void take(SyncEvent event) {
        if (event instanceof SyncEvent.Updates some) {
            List<SyncUpdate> updates = some.updates();
            for (int i = 0; i < updates.size(); i++) {
                update(updates.get(i));
            }
        } else if (event instanceof SyncEvent.Status status) {
            status(status.status());
        } else if (event instanceof SyncEvent.Heard source) {
            heard(source.at());
        }
    }

    /** Drops what waits, because the source is about to tell everything again. The consumer keeps what it was told. */
    public void restart() {
        for (Waiting item = queue.first(); item != null; item = queue.first()) {
            item.leave();
            if (item instanceof Waiting.Key key) {
                key.update = null;
                if (!key.told) {
                    keys.remove(key.name);
                }
            }
        }
        latest = told;
        heard = null;
        heardSince = null;
        waiting = 0;
        unknown = 0;
        round++;
        unseen = keys.size();
    }

    /**
     * The next that the consumer is to be told; from now on it counts as told.
     *
     * @return at most {@link #BATCH} updates, a status, or when the source was heard of; null when nothing waits
     */
    public @Nullable SyncEvent next() {
        Waiting first = queue.first();
        if (first == null) {
            return null;
        } else if (first instanceof Waiting.Key) {
            return updates();
        }
        first.leave();
        if (first instanceof Waiting.Status status) {
            told = status.now;
            return new SyncEvent.Status(told);
        }
        heard = heardSince;
        heardSince = null;
        return new SyncEvent.Heard(((Waiting.Heard) first).at);
    }

    /** Whether there is nothing to tell. */
    public boolean isEmpty() {
        return queue.first() == null;
    }

    /** How many keys have an update that waits. */
    public int waiting() {
        return waiting;
    }

    /** How many updates were never told, because of later ones of the same key. */
    public long folded() {
        return folded;
    }

    private SyncEvent updates() {
        List<SyncUpdate> batch = new ArrayList<>(Math.min(BATCH, waiting));
        while (batch.size() < BATCH && queue.first() instanceof Waiting.Key key) {
            key.leave();
            batch.add(tell(key));
        }
        return new SyncEvent.Updates(batch);
    }

    private SyncUpdate tell(Waiting.Key key) {
        SyncUpdate update = key.take();
        waiting--;
        if (update.isPresent()) {
            SyncUpdate typed = update.withType(key.told ? UpdateType.UPDATED : UpdateType.NEW);
            key.told = true;
            return typed;
        }
        if (!key.told) {
            unknown--;
        }
        keys.remove(key.name);
        return update.withType(UpdateType.DELETED);
    }

    private void update(SyncUpdate update) {
        Waiting.Key key = keys.get(update.key());
        if (key == null) {
            begin(update);
            return;
        }
        see(key);
        SyncUpdate before = key.update;
        if (before == null) {
            enqueue(key, update);
        } else {
            folded++;
            replace(key, before, update);
        }
    }

    private void begin(SyncUpdate update) {
        if (!update.isPresent()) {
            if (unknown == MAX_UNKNOWN) {
                folded++;
                return;
            }
            unknown++;
        }
        Waiting.Key key = new Waiting.Key(update.key(), round);
        keys.put(key.name, key);
        enqueue(key, update);
    }

    private void enqueue(Waiting.Key key, SyncUpdate update) {
        key.update = update;
        queue.add(key);
        waiting++;
    }

    private void replace(Waiting.Key key, SyncUpdate before, SyncUpdate update) {
        boolean wasUnknown = !key.told && !before.isPresent();
        if (key.told || wasUnknown || update.isPresent()) {
            key.update = update;
            if (wasUnknown && update.isPresent()) {
                unknown--;
            }
        } else {
            keys.remove(key.name);
            waiting--;
            withdraw(key);
        }
    }

    private void see(Waiting.Key key) {
        if (key.round != round) {
            key.round = round;
            unseen--;
        }
    }

    private void status(SyncStatus status) {
        if (status == SyncStatus.IN_SYNC && unseen > 0) {
            deleteUnseen();
        }
        if (status != latest) {
            Waiting.Status item = new Waiting.Status(latest, status);
            latest = status;
            queue.add(item);
            item.settle();
        }
    }

    /** Looks at every key, which is as much as the source has just told. */
    private void deleteUnseen() {
        for (Waiting.Key key : keys.values()) {
            if (key.round != round) {
                key.round = round;
                enqueue(key, SyncUpdate.deleted(key.name, ""));
            }
        }
        unseen = 0;
    }

    private void heard(Instant at) {
        if (queue.last() instanceof Waiting.Heard last) {
            last.at = at;
            return;
        }
        Waiting.Heard item = new Waiting.Heard(at);
        if (heard == null) {
            heard = item;
        } else {
            if (heardSince != null) {
                withdraw(heardSince);
            }
            heardSince = item;
        }
        queue.add(item);
    }

    /** What stood between two statuses may go: then the first of them was never worth telling. */
    private static void withdraw(Waiting item) {
        Waiting after = item.leave();
        if (after instanceof Waiting.Status status) {
            status.settle();
        }
    }
}
