package io.headgate.sync;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a synchronised set, as it is now.
 *
 * @param key names the entry; opaque, by convention a path like {@code /calico/v1/config/LogLevel}
 * @param value what is stored, opaque; null when there is nothing: the key is gone, or its value is not valid. An empty value
 *     is a value, except on its way through a peer of ours that cannot say so
 * @param revision of the source, opaque and never compared; empty when it has none
 * @param resourceVersion the version of a resource that carries one of its own apart from its value, else empty
 * @param ttl how long the entry is meant to live, for those who expire entries; zero when it has no end
 * @param type what the update is to whoever had the state before it
 */
public record SyncUpdate(
        String key,
        @Nullable ByteString value,
        String revision,
        String resourceVersion,
        Duration ttl,
        UpdateType type) {

    /** Checks the parts. */
    public SyncUpdate {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(revision, "revision");
        Objects.requireNonNull(resourceVersion, "resourceVersion");
        Objects.requireNonNull(ttl, "ttl");
        Objects.requireNonNull(type, "type");
    }

    /**
     * An entry that was not there before.
     *
     * @param key its name
     * @param value its value
     * @param revision the source's, or empty
     * @return the update
     */
    public static SyncUpdate added(String key, ByteString value, String revision) {
        return new SyncUpdate(key, Objects.requireNonNull(value, "value"), revision, "", Duration.ZERO, UpdateType.NEW);
    }

    /**
     * An entry that was there with another value.
     *
     * @param key its name
     * @param value its value
     * @param revision the source's, or empty
     * @return the update
     */
    public static SyncUpdate changed(String key, ByteString value, String revision) {
        return new SyncUpdate(
                key, Objects.requireNonNull(value, "value"), revision, "", Duration.ZERO, UpdateType.UPDATED);
    }

    /**
     * An entry that is gone.
     *
     * @param key its name
     * @param revision the source's, or empty
     * @return the update
     */
    public static SyncUpdate deleted(String key, String revision) {
        return new SyncUpdate(key, null, revision, "", Duration.ZERO, UpdateType.DELETED);
    }

    /**
     * The same entry as somebody else sees it.
     *
     * @param changed what it is to them
     * @return this when it is that already
     */
    public SyncUpdate withType(UpdateType changed) {
        return changed == type ? this : new SyncUpdate(key, value, revision, resourceVersion, ttl, changed);
    }

    /**
     * Whether the key is there after this update.
     *
     * @return false without a value, whatever the type says
     */
    public boolean isPresent() {
        return value != null;
    }

    /**
     * Whether to tell this would be useless after another update of the same key was told: the same value, life and type,
     * where "new" before counts as "updated" and revisions do not count.
     *
     * @param before what was told last
     * @return whether it can be dropped. A deletion is for the caller to keep
     */
    public boolean repeats(SyncUpdate before) {
        UpdateType told = before.type == UpdateType.NEW ? UpdateType.UPDATED : before.type;
        return type == told && key.equals(before.key) && Objects.equals(value, before.value) && ttl.equals(before.ttl);
    }
}
