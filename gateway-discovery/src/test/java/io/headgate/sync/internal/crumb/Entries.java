package io.headgate.sync.internal.crumb;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** Updates for tests. */
final class Entries {

    private Entries() {}

    static SyncUpdate added(String key, String revision) {
        return SyncUpdate.added(key, ByteString.copyFromUtf8("value of " + key), revision);
    }

    static SyncUpdate changed(String key, String revision) {
        return SyncUpdate.changed(key, ByteString.copyFromUtf8(revision), revision);
    }

    static SyncUpdate of(String key, @Nullable String value, String revision, Duration ttl, UpdateType type) {
        return new SyncUpdate(key, value == null ? null : ByteString.copyFromUtf8(value), revision, "", ttl, type);
    }

    /** Whatever a source might say, sensible or not. */
    static SyncUpdate random(Random random, int keys, int revision) {
        String key = "/key/" + random.nextInt(keys);
        String value = random.nextInt(3) == 0 ? null : "value " + random.nextInt(3);
        UpdateType type = UpdateType.values()[random.nextInt(UpdateType.values().length)];
        return of(key, value, "" + revision, Duration.ofSeconds(random.nextInt(2)), type);
    }

    /** What a client of {@link SimpleFrames} knows of a set. */
    static TreePMap<String, SyncUpdate> entries(CrumbCache cache) {
        return cache.newest().entries();
    }

    static List<String> keys(List<SyncUpdate> updates) {
        return updates.stream().map(SyncUpdate::key).toList();
    }
}
