package io.headgate.sync.client;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.Outlet;
import io.headgate.sync.internal.StateStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** A set that a test makes by hand. */
final class HandMadeSet {

    private final Map<String, ByteString> entries = new TreeMap<>();
    private final List<Outlet> outlets = new CopyOnWriteArrayList<>();
    private SyncStatus status = SyncStatus.IN_SYNC;

    Flux<SyncEvent> events() {
        return StateStream.of(this::tell);
    }

    private synchronized Disposable tell(Outlet outlet) {
        outlets.add(outlet);
        outlet.take(new SyncEvent.Status(SyncStatus.RESYNC));
        entries.forEach((key, value) -> outlet.take(SyncEvent.Updates.of(SyncUpdate.added(key, value, ""))));
        outlet.take(new SyncEvent.Status(status));
        return () -> outlets.remove(outlet);
    }

    synchronized void put(String key, String value) {
        entries.put(key, ByteString.copyFromUtf8(value));
        say(SyncEvent.Updates.of(SyncUpdate.changed(key, ByteString.copyFromUtf8(value), "")));
    }

    synchronized void remove(String key) {
        entries.remove(key);
        say(SyncEvent.Updates.of(SyncUpdate.deleted(key, "")));
    }

    /** Forgets an entry without a word, as if that had happened while nobody followed. */
    synchronized void forget(String key) {
        entries.remove(key);
    }

    synchronized void status(SyncStatus changed) {
        status = changed;
        say(new SyncEvent.Status(changed));
    }

    synchronized void say(SyncEvent event) {
        outlets.forEach(outlet -> outlet.take(event));
    }

    void fail(RuntimeException failure) {
        outlets.forEach(outlet -> outlet.fail(failure));
    }

    int followers() {
        return outlets.size();
    }
}
