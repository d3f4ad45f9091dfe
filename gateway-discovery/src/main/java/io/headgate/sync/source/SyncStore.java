package io.headgate.sync.source;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.Outlet;
import io.headgate.sync.internal.StateStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * A set of entries in memory, told to any number of subscribers as a <i>state stream</i>: the embedded datastore.
 *
 * <pre>
 * SyncStore store = SyncStore.create();
 * store.put("/config/LogLevel", ByteString.copyFromUtf8("info"));
 * Flux&lt;SyncEvent&gt; events = store.events();
 * </pre>
 *
 * <p>Revisions are its own: each change is one, in decimal digits. A new store is empty and in sync. Whoever fills one from elsewhere
 * says so with {@link #status}; statuses and entries are told in the order in which they were put in.
 *
 * <p><b>Threading.</b> Any thread. A change and the beginning of a stream take a short lock, which is not held while subscribers are told. They are
 * told on the thread that changes something, or that asks for more, one at a time each.
 *
 * <p><b>Memory.</b> The entries, and for each subscriber what it was told of, by key.
 */
public final class SyncStore {

    private final Object lock = new Object();
    private final Map<String, SyncUpdate> entries = new HashMap<>();
    private final Set<Outlet> outlets = new LinkedHashSet<>();
    private final Flux<SyncEvent> events = StateStream.of(this::join);
    private SyncStatus status = SyncStatus.IN_SYNC;
    private @Nullable Instant heard;
    private long revision;

    private SyncStore() {}

    /**
     * An empty store, in sync.
     *
     * @return the store
     */
    public static SyncStore create() {
        return new SyncStore();
    }

    /**
     * The entries, then every change.
     *
     * @return a state stream that never ends; cancelling is the only way out
     */
    public Flux<SyncEvent> events() {
        return events;
    }

    /**
     * Puts an entry that lives until it is deleted.
     *
     * @param key names it
     * @param value what is stored; may be empty
     */
    public void put(String key, ByteString value) {
        put(key, value, Duration.ZERO);
    }

    /**
     * Puts an entry.
     *
     * @param key names it
     * @param value what is stored; may be empty
     * @param ttl how long it is meant to live, for those who read it: the store keeps it until it is deleted; zero for no end
     */
    public void put(String key, ByteString value, Duration ttl) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(ttl, "ttl");
        change(() -> List.of(stored(key, value, ttl, Long.toString(++revision))));
    }

    /**
     * Puts many entries at once, under one revision.
     *
     * @param values by key
     */
    public void putAll(Map<String, ByteString> values) {
        Map<String, ByteString> some = Map.copyOf(values);
        change(() -> {
            String now = Long.toString(++revision);
            List<SyncUpdate> updates = new ArrayList<>(some.size());
            some.forEach((key, value) -> updates.add(stored(key, value, Duration.ZERO, now)));
            return updates;
        });
    }

    /**
     * Deletes an entry. Nothing is told when there is none.
     *
     * @param key names it
     * @return whether it was there
     */
    public boolean delete(String key) {
        Objects.requireNonNull(key, "key");
        return change(() -> entries.containsKey(key) ? List.of(removed(key, Long.toString(++revision))) : List.of());
    }

    /**
     * Makes these the entries, at once: others are deleted, and those that are so already are not told again.
     *
     * @param values by key; they live until they are deleted
     */
    public void replaceAll(Map<String, ByteString> values) {
        Map<String, ByteString> all = Map.copyOf(values);
        change(() -> {
            String now = Long.toString(revision + 1);
            List<SyncUpdate> updates = new ArrayList<>();
            for (String key : List.copyOf(entries.keySet())) {
                if (!all.containsKey(key)) {
                    updates.add(removed(key, now));
                }
            }
            all.forEach((key, value) -> {
                if (!holds(key, value)) {
                    updates.add(stored(key, value, Duration.ZERO, now));
                }
            });
            revision += updates.isEmpty() ? 0 : 1;
            return updates;
        });
    }

    private boolean holds(String key, ByteString value) {
        SyncUpdate entry = entries.get(key);
        return entry != null && value.equals(entry.value()) && entry.ttl().isZero();
    }

    /**
     * Says how complete the entries are from now on.
     *
     * @param changed the status; told when it is another one
     */
    public void status(SyncStatus changed) {
        SyncEvent event = new SyncEvent.Status(changed);
        tell(() -> {
            status = changed;
            return event;
        });
    }

    /**
     * Says that whoever fills this store has heard of its source, so that everything until then is in it.
     *
     * @param at when
     */
    public void heard(Instant at) {
        SyncEvent event = new SyncEvent.Heard(at);
        tell(() -> {
            heard = at;
            return event;
        });
    }

    /**
     * What is stored under a key.
     *
     * @param key names the entry
     * @return its value, or null when there is none
     */
    public @Nullable ByteString get(String key) {
        synchronized (lock) {
            SyncUpdate entry = entries.get(key);
            return entry == null ? null : entry.value();
        }
    }

    /**
     * How many entries there are.
     *
     * @return their number
     */
    public int size() {
        synchronized (lock) {
            return entries.size();
        }
    }

    /**
     * How many streams are being followed.
     *
     * @return their number
     */
    public int subscribers() {
        synchronized (lock) {
            return outlets.size();
        }
    }

    private SyncUpdate stored(String key, ByteString value, Duration ttl, String now) {
        SyncUpdate entry = new SyncUpdate(key, value, now, "", ttl, UpdateType.NEW);
        return entries.put(key, entry) == null ? entry : entry.withType(UpdateType.UPDATED);
    }

    private SyncUpdate removed(String key, String now) {
        entries.remove(key);
        return SyncUpdate.deleted(key, now);
    }

    /** Makes a change under the lock, and says whether there was any. */
    private boolean change(Supplier<List<SyncUpdate>> change) {
        return tell(() -> {
            List<SyncUpdate> updates = change.get();
            return updates.isEmpty() ? null : new SyncEvent.Updates(updates);
        });
    }

    private boolean tell(Supplier<@Nullable SyncEvent> change) {
        List<Outlet> told;
        synchronized (lock) {
            SyncEvent event = change.get();
            if (event == null) {
                return false;
            }
            told = List.copyOf(outlets);
            for (Outlet outlet : told) {
                outlet.put(event);
            }
        }
        for (Outlet outlet : told) {
            outlet.tell();
        }
        return true;
    }

    private Disposable join(Outlet outlet) {
        synchronized (lock) {
            outlet.put(new SyncEvent.Updates(List.copyOf(entries.values())));
            outlet.put(new SyncEvent.Status(status));
            if (heard != null) {
                outlet.put(new SyncEvent.Heard(heard));
            }
            outlets.add(outlet);
        }
        return () -> leave(outlet);
    }

    private void leave(Outlet outlet) {
        synchronized (lock) {
            outlets.remove(outlet);
        }
    }

    @Override
    public String toString() {
        return "store of " + size() + " entries";
    }
}
